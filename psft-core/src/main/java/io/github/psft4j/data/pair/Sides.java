package io.github.psft4j.data.pair;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.psft4j.data.encode.Fields;
import io.github.psft4j.data.rows.DataFormatException;

/**
 * The three parts of a pair: what is asked, and two answers to it; each text or messages.
 *
 * <p>Without a column of prompts the prompt is what both answers begin with: the common messages of two conversations,
 * or the common text. A text of turns is divided behind the last {@code "\n\nAssistant:"} that both have, as in
 * Anthropic's files; other texts where they differ, but for a space before, as TRL does.
 *
 * @param prompt what both have
 * @param chosen the better answer
 * @param rejected the other one
 */
record Sides(JsonNode prompt, JsonNode chosen, JsonNode rejected) {

    private static final String TURN = "\n\nAssistant:";

    /** @throws DataFormatException naming the field that is missing or of another kind */
    static Sides of(Fields row) {
        JsonNode chosen = answer(row, "chosen");
        JsonNode rejected = answer(row, "rejected");
        if (chosen.isArray() != rejected.isArray()) {
            throw row.fault(
                    "rejected",
                    "is " + Fields.kind(rejected) + " and 'chosen' " + Fields.kind(chosen)
                            + "; write both as text or both as messages");
        }
        JsonNode prompt = row.has("prompt") ? row.get("prompt") : null;
        if (prompt == null && row.get("chosen").isObject() && row.has("messages")) {
            prompt = row.get("messages"); // LLaMA-Factory's: what was said before, and two last messages
        }
        if (prompt == null || repeats(prompt, chosen) && repeats(prompt, rejected)) {
            return chosen.isArray() ? ofMessages(row, chosen, rejected) : ofText(row, chosen, rejected);
        }
        if (prompt.isTextual() && chosen.isArray()) {
            prompt = JsonNodeFactory.instance
                    .arrayNode()
                    .add(JsonNodeFactory.instance
                            .objectNode()
                            .put("role", "user")
                            .set("content", prompt));
        }
        return new Sides(prompt, chosen, rejected);
    }

    /** An answer; a single message is a list of one. */
    private static JsonNode answer(Fields row, String field) {
        JsonNode value = row.get(field);
        return value.isObject() ? JsonNodeFactory.instance.arrayNode().add(value) : value;
    }

    /** Whether an answer is a whole conversation that begins with the prompt: one that is text, or its messages. */
    private static boolean repeats(JsonNode prompt, JsonNode answer) {
        if (!answer.isArray() || answer.size() < 2) {
            return false;
        }
        if (prompt.isArray()) {
            return common(prompt, answer) == prompt.size() && answer.size() > prompt.size();
        }
        for (JsonNode message : answer) {
            JsonNode content = message.has("content") ? message.get("content") : message.path("value");
            if (content.equals(prompt)) {
                return true;
            }
        }
        return false;
    }

    private static Sides ofMessages(Fields row, JsonNode chosen, JsonNode rejected) {
        int common = common(chosen, rejected);
        if (common == chosen.size() && common == rejected.size()) {
            common = Math.max(0, common - 1); // a pair without difference, which is counted as one
        }
        if (common == 0) {
            throw row.fault(
                    "chosen",
                    "and 'rejected' begin with different messages, so there is no prompt; write it as a column of its"
                            + " own ('prompt')");
        }
        return new Sides(
                part(chosen, 0, common), part(chosen, common, chosen.size()), part(rejected, common, rejected.size()));
    }

    private static int common(JsonNode a, JsonNode b) {
        int n = 0;
        while (n < Math.min(a.size(), b.size()) && a.get(n).equals(b.get(n))) {
            n++;
        }
        return n;
    }

    private static ArrayNode part(JsonNode messages, int from, int to) {
        ArrayNode part = JsonNodeFactory.instance.arrayNode();
        for (int i = from; i < to; i++) {
            part.add(messages.get(i));
        }
        return part;
    }

    private static Sides ofText(Fields row, JsonNode chosen, JsonNode rejected) {
        String a = row.string("chosen");
        String b = row.string("rejected");
        int common = 0;
        while (common < Math.min(a.length(), b.length()) && a.charAt(common) == b.charAt(common)) {
            common++;
        }
        int turn = a.substring(0, common).lastIndexOf(TURN);
        if (turn >= 0) {
            common = turn + TURN.length();
        } else if (common > 0 && (a.charAt(common - 1) == ' ' || Character.isHighSurrogate(a.charAt(common - 1)))) {
            common--;
        }
        if (common == 0) {
            throw row.fault(
                    "chosen",
                    "and 'rejected' begin differently, so there is no prompt; write it as a column of its own"
                            + " ('prompt')");
        }
        return new Sides(
                TextNode.valueOf(a.substring(0, common)),
                TextNode.valueOf(a.substring(common)),
                TextNode.valueOf(b.substring(common)));
    }
}
