package io.github.psft4j.data.pair;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.data.encode.Encoded;
import io.github.psft4j.data.encode.Fields;
import io.github.psft4j.data.encode.PromptEncoder;
import io.github.psft4j.data.encode.RowEncoder;
import io.github.psft4j.data.encode.TextEncoder;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.options.LossOn;
import io.github.psft4j.data.rows.DataFormatException;
import java.util.List;
import java.util.Map;

/** Pairs of answers to one prompt. Each answer is tokenised as the completion of a demonstration is. */
public final class PairEncoder implements RowEncoder {

    private final PromptEncoder encoder;
    private final boolean all;

    /** Encoder of pairs; the options are those of prompts and completions. */
    public PairEncoder(String suffix, LossOn lossOn, TextEncoder text) {
        this.encoder = new PromptEncoder(Layout.PROMPT_COMPLETION, suffix, lossOn, text);
        this.all = lossOn == LossOn.ALL;
    }

    /** The chosen answer. */
    @Override
    public Encoded encode(Fields row) {
        return sequences(row).get(0);
    }

    /** @throws DataFormatException if the row is no pair */
    @Override
    public List<Encoded> sequences(Fields row) {
        if (all) {
            throw row.fault(
                    "chosen",
                    "is compared with 'rejected' by the tokens of the answers alone; leave out data.loss_on: all");
        }
        Sides sides = Sides.of(row);
        return List.of(
                encode(row, "chosen", sides.prompt(), sides.chosen()),
                encode(row, "rejected", sides.prompt(), sides.rejected()));
    }

    private Encoded encode(Fields row, String side, JsonNode prompt, JsonNode answer) {
        ObjectNode values = JsonNodeFactory.instance.objectNode();
        values.set("prompt", prompt);
        values.set("completion", answer);
        if (row.has("tools")) {
            values.set("tools", row.get("tools"));
        }
        return encoder.encode(row.rewritten(values, Map.of("prompt", "prompt", "completion", side)));
    }
}
