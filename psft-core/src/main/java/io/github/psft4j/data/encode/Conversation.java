package io.github.psft4j.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Messages of a row, checked, in the form that a chat template reads. */
final class Conversation {

    /** Roles of the chat templates of the model families that psft4j reads. */
    private static final Set<String> ROLES =
            Set.of("system", "developer", "user", "assistant", "tool", "function", "ipython");

    private Conversation() {}

    /**
     * @return at least one message, without the fields that are null. Parquet gives every message every field, but a
     *     template that asks whether {@code tool_calls} is there must not find it.
     */
    static List<Message> read(Fields fields, String field) {
        JsonNode value = fields.get(field);
        if (!value.isArray()) {
            throw fields.fault(
                    field,
                    "is " + Fields.kind(value) + " instead of a list of {role, content}: "
                            + Shown.brief(value.toString()));
        }
        if (value.isEmpty()) {
            throw fields.fault(field, "is an empty list; a conversation has at least one message");
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            messages.add(message(fields, field, i, value.get(i)));
        }
        return messages;
    }

    private static Message message(Fields fields, String field, int i, JsonNode node) {
        if (!node.isObject()) {
            throw fields.fault(
                    field,
                    at(i) + "is " + Fields.kind(node) + " instead of {role, content}: " + Shown.brief(node.toString()));
        }
        Map<String, Object> message = new LinkedHashMap<>();
        node.fields().forEachRemaining(entry -> {
            if (!entry.getValue().isNull()) {
                message.put(
                        entry.getKey(),
                        entry.getValue().isTextual() ? entry.getValue().textValue() : entry.getValue());
            }
        });
        if (!(message.get("role") instanceof String role)) {
            throw fields.fault(
                    field,
                    at(i) + "has no role: " + Shown.brief(node.toString())
                            + (node.has("from")
                                    ? "; ShareGPT rows (from, value) must be rewritten as role, content"
                                    : ""));
        }
        if (!ROLES.contains(role)) {
            throw fields.fault(
                    field,
                    at(i) + "has the unknown role '" + Shown.brief(role) + "'; roles are "
                            + String.join(", ", ROLES.stream().sorted().toList()));
        }
        check(fields, field, i, node, message);
        Boolean trained = TrainedFlag.take(fields, field, at(i), message);
        return new Message(message, trained);
    }

    private static void check(Fields fields, String field, int i, JsonNode node, Map<String, Object> message) {
        Object content = message.get("content");
        if (content instanceof String) {
            return;
        }
        if (content == null) {
            if (!message.containsKey("tool_calls")) {
                throw fields.fault(field, at(i) + "has no content: " + Shown.brief(node.toString()));
            }
        } else if (((JsonNode) content).getNodeType() != JsonNodeType.ARRAY) {
            throw fields.fault(
                    field,
                    at(i) + "has a content that is " + Fields.kind((JsonNode) content)
                            + " instead of a string or a list of parts: " + Shown.brief(content.toString()));
        }
    }

    private static String at(int i) {
        return "message " + (i + 1) + " ";
    }
}
