package io.github.psft4j.serve.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.serve.ServedModel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Answers of {@code /v1/chat/completions}. */
final class ChatFormat extends Format {

    private static final char REPLACEMENT = '\uFFFD';

    ChatFormat(ServedModel model, Call call) {
        super(model, call, "chatcmpl-");
    }

    @Override
    String object(boolean part) {
        return part ? "chat.completion.chunk" : "chat.completion";
    }

    @Override
    ObjectNode whole(Choice choice) {
        ObjectNode json = NODES.objectNode().put("index", choice.index);
        json.putObject("message")
                .put("role", "assistant")
                .put("content", choice.text.toString())
                .putNull("refusal");
        return withEnd(json, choice.tokens, choice.finishReason());
    }

    @Override
    ObjectNode opening(Choice choice) {
        ObjectNode json = NODES.objectNode().put("index", choice.index);
        json.putObject("delta").put("role", "assistant").put("content", "");
        return withEnd(json, List.of(), null);
    }

    @Override
    ObjectNode part(Choice choice, String text, List<Choice.Token> tokens, boolean last) {
        ObjectNode json = NODES.objectNode().put("index", choice.index);
        ObjectNode delta = json.putObject("delta");
        if (!text.isEmpty() || !tokens.isEmpty()) {
            delta.put("content", text);
        }
        return withEnd(json, tokens, last ? choice.finishReason() : null);
    }

    private ObjectNode withEnd(ObjectNode json, List<Choice.Token> tokens, String finish) {
        if (call.output().likely() == null) {
            json.putNull("logprobs");
        } else {
            ArrayNode content = json.putObject("logprobs").putArray("content");
            tokens.forEach(token -> content.add(logProbs(token)));
        }
        return json.put("finish_reason", finish);
    }

    private ObjectNode logProbs(Choice.Token token) {
        ObjectNode json = one(token.id(), token.logProb());
        ArrayNode top = json.putArray("top_logprobs");
        for (int j = 0; token.likely() != null && j < token.likely().ids().length; j++) {
            top.add(one(token.likely().ids()[j], token.likely().logProbs()[j]));
        }
        return json;
    }

    /** The bytes of a token that is a part of a character are not known. */
    private ObjectNode one(int id, float logProb) {
        String text = model.texts().of(id);
        ObjectNode json = NODES.objectNode().put("token", text).put("logprob", finite(logProb));
        if (text.indexOf(REPLACEMENT) >= 0) {
            return json.putNull("bytes");
        }
        ArrayNode bytes = json.putArray("bytes");
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            bytes.add(b & 0xff);
        }
        return json;
    }
}
