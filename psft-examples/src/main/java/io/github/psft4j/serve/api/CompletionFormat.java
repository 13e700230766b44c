package io.github.psft4j.serve.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.serve.ServedModel;
import java.util.List;

/** Answers of {@code /v1/completions}. */
final class CompletionFormat extends Format {

    CompletionFormat(ServedModel model, Call call) {
        super(model, call, "cmpl-");
    }

    @Override
    String object(boolean part) {
        return "text_completion";
    }

    @Override
    ObjectNode whole(Choice choice) {
        return part(choice, choice.text.toString(), choice.tokens, true);
    }

    @Override
    ObjectNode opening(Choice choice) {
        return null;
    }

    @Override
    ObjectNode part(Choice choice, String text, List<Choice.Token> tokens, boolean last) {
        ObjectNode json = NODES.objectNode().put("index", choice.index).put("text", text);
        json.set("logprobs", call.output().likely() == null ? NODES.nullNode() : logProbs(choice, tokens));
        json.put("finish_reason", last ? choice.finishReason() : null);
        return json;
    }

    private ObjectNode logProbs(Choice choice, List<Choice.Token> tokens) {
        ObjectNode json = NODES.objectNode();
        ArrayNode texts = json.putArray("tokens");
        ArrayNode logProbs = json.putArray("token_logprobs");
        ArrayNode top = json.putArray("top_logprobs");
        ArrayNode offsets = json.putArray("text_offset");
        for (Choice.Token token : tokens) {
            String text = model.texts().of(token.id());
            texts.add(text);
            offsets.add(choice.offset);
            choice.offset += model.texts().width(token.id());
            if (token.logProb() == null) {
                logProbs.addNull();
                top.addNull();
            } else {
                logProbs.add(finite(token.logProb()));
                top.add(likely(token, text));
            }
        }
        return json;
    }

    /** The likeliest tokens and the one that was chosen. Of several with the same text the likeliest counts. */
    private JsonNode likely(Choice.Token token, String text) {
        ObjectNode json = NODES.objectNode();
        for (int j = 0; token.likely() != null && j < token.likely().ids().length; j++) {
            String name = model.texts().of(token.likely().ids()[j]);
            if (!json.has(name)) {
                json.put(name, finite(token.likely().logProbs()[j]));
            }
        }
        if (!json.has(text)) {
            json.put(text, finite(token.logProb()));
        }
        return json;
    }
}
