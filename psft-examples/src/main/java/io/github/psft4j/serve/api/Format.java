package io.github.psft4j.serve.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.serve.ServedModel;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** The JSON of answers: what completions and chat completions have in common. */
abstract class Format {

    static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    final ServedModel model;
    final Call call;
    private final String id;
    private final long created = Instant.now().getEpochSecond();

    Format(ServedModel model, Call call, String prefix) {
        this.model = model;
        this.call = call;
        this.id = prefix + UUID.randomUUID().toString().replace("-", "");
    }

    /** The name of an answer, or of a part of one. */
    abstract String object(boolean part);

    /** A choice of a whole answer. */
    abstract ObjectNode whole(Choice choice);

    /** What a stream says of a choice before its first token; null for nothing. */
    abstract ObjectNode opening(Choice choice);

    /**
     * A part of a choice.
     *
     * @param tokens empty without log-probs
     * @param last whether the choice ends with it
     */
    abstract ObjectNode part(Choice choice, String text, List<Choice.Token> tokens, boolean last);

    final ObjectNode answer(List<Choice> choices) {
        ObjectNode json = head(false);
        ArrayNode all = json.putArray("choices");
        choices.forEach(choice -> all.add(whole(choice)));
        json.set("usage", usage(choices));
        return json;
    }

    final ObjectNode part(ObjectNode choice) {
        ObjectNode json = head(true);
        json.putArray("choices").add(choice);
        if (call.output().usage()) {
            json.putNull("usage");
        }
        return json;
    }

    /** The last part of a stream whose client wants to know the numbers of tokens. */
    final ObjectNode usagePart(List<Choice> choices) {
        ObjectNode json = head(true);
        json.putArray("choices");
        json.set("usage", usage(choices));
        return json;
    }

    private ObjectNode head(boolean part) {
        return NODES.objectNode()
                .put("id", id)
                .put("object", object(part))
                .put("created", created)
                .put("model", model.name());
    }

    private ObjectNode usage(List<Choice> choices) {
        int prompt = call.prompts().stream().mapToInt(p -> p.ids().length).sum();
        int generated = choices.stream().mapToInt(choice -> choice.generated).sum();
        return NODES.objectNode()
                .put("prompt_tokens", prompt)
                .put("completion_tokens", generated)
                .put("total_tokens", prompt + generated);
    }

    /** JSON has no infinity. */
    static double finite(float logProb) {
        return Float.isFinite(logProb) ? Double.parseDouble(Float.toString(logProb)) : -9999;
    }
}
