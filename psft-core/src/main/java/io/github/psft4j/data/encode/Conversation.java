package io.github.psft4j.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Messages of a row, checked, in the form that a chat template reads. Read are lists of {@code {role, content}}, of
 * ShareGPT's {@code {from, value}}, and of exchanges: {@code {human, assistant}} and {@code {input, output}}.
 */
final class Conversation {
    private static final String ROLE = "role";
    private static final String CONTENT = "content";
    private static final String TOOL_CALLS = "tool_calls";

    /** Names of both sides of an exchange. */
    private static final List<List<String>> EXCHANGES = List.of(
            List.of("human", "assistant"),
            List.of("user", "assistant"),
            List.of("human", "gpt"),
            List.of("human", "bot"),
            List.of("input", "output"));

    private final Fields fields;
    private final String field;
    private final List<Message> messages = new ArrayList<>();
    private Message lastCall; // the message that consecutive tool calls join

    private Conversation(Fields fields, String field) {
        this.fields = fields;
        this.field = field;
    }

    /**
     * @return at least one message, without the fields that are null. Parquet gives every message every field, but a
     *     template that asks whether {@code tool_calls} is there must not find it.
     */
    static List<Message> read(Fields fields, String field) {
        JsonNode value = fields.list(field, "{role, content}");
        if (value.isEmpty()) {
            throw fields.fault(field, "is an empty list; a conversation has at least one message");
        }
        Conversation conversation = new Conversation(fields, field);
        for (int i = 0; i < value.size(); i++) {
            conversation.add(at(i), value.get(i));
        }
        if (field.equals("messages")) {
            conversation.addSystem();
        }
        return conversation.messages;
    }

    private void add(String at, JsonNode node) {
        if (!node.isObject()) {
            throw fields.fault(
                    field,
                    at + "is " + Fields.kind(node) + " instead of {role, content}: " + Shown.brief(node.toString()));
        }
        boolean plain = node.hasNonNull(ROLE) || node.hasNonNull("from");
        for (List<String> sides : plain ? List.<List<String>>of() : EXCHANGES) {
            if (node.has(sides.get(0)) && node.has(sides.get(1))) {
                exchange(at, node, sides);
                return;
            }
        }
        message(at, node);
    }

    /** One object for a question and its answer; XTuner's says with {@code output_with_loss} whether it is trained. */
    private void exchange(String at, JsonNode node, List<String> sides) {
        if (node.hasNonNull(Roles.SYSTEM) && messages.isEmpty()) {
            side(at, Roles.SYSTEM, node.get(Roles.SYSTEM), null);
        }
        side(at, Roles.USER, node.get(sides.get(0)), null);
        side(at, Roles.ASSISTANT, node.get(sides.get(1)), node.get("output_with_loss"));
    }

    private void side(String at, String role, JsonNode content, JsonNode loss) {
        if (content.isNull()
                || !role.equals(Roles.ASSISTANT)
                        && content.isTextual()
                        && content.textValue().isEmpty()) {
            return;
        }
        ObjectNode message = JsonNodeFactory.instance.objectNode().put(ROLE, role);
        message.set(CONTENT, content);
        if (loss != null) {
            message.set("loss", loss);
        }
        message(at, message);
    }

    private void message(String at, JsonNode node) {
        Map<String, Object> message = new LinkedHashMap<>();
        boolean shareGpt = !node.has(ROLE) && node.has("from");
        node.fields().forEachRemaining(entry -> {
            JsonNode value = entry.getValue();
            if (!value.isNull()) {
                message.put(
                        shareGpt ? ours(entry.getKey()) : entry.getKey(),
                        value.isTextual() ? value.textValue() : value);
            }
        });
        if (!(message.get(ROLE) instanceof String word)) {
            throw fields.fault(
                    field, at + "has no role (role and content, or from and value): " + Shown.brief(node.toString()));
        }
        String role = shareGpt && word.equals("function") ? Roles.TOOL : Roles.of(word);
        if (role == null) {
            throw fields.fault(
                    field, at + "has the unknown role '" + Shown.brief(word) + "'; roles are " + Roles.all());
        }
        message.put(ROLE, role.equals(Roles.TOOL_CALL) ? Roles.ASSISTANT : role);
        List<Boolean> parts = MessageContent.join(fields, field, at, message);
        check(at, node, message);
        Boolean trained = TrainedFlag.take(fields, field, at, message, parts);
        if (role.equals(Roles.TOOL_CALL)) {
            call(message, trained);
        } else {
            lastCall = null;
            messages.add(new Message(message, trained));
        }
    }

    private static String ours(String key) {
        return key.equals("from") ? ROLE : key.equals("value") ? CONTENT : key;
    }

    private void check(String at, JsonNode node, Map<String, Object> message) {
        if (message.get(TOOL_CALLS) instanceof String text) {
            if (text.isBlank()) {
                message.remove(TOOL_CALLS);
            } else {
                message.put(TOOL_CALLS, fields.json(field, at + "has tool_calls that are text, which", text));
            }
        }
        Object content = message.get(CONTENT);
        if (content == null && !message.containsKey(TOOL_CALLS) && !message.containsKey("function_call")) {
            throw fields.fault(field, at + "has no content: " + Shown.brief(node.toString()));
        }
        if (content != null && !(content instanceof String)) {
            throw fields.fault(
                    field,
                    at + "has a content that is " + Fields.kind((JsonNode) content)
                            + " instead of a string or a list of parts: " + Shown.brief(content.toString()));
        }
    }

    /**
     * A tool call as a content: the call if it is JSON, joined to the calls right before it; otherwise what is said.
     */
    private void call(Map<String, Object> message, Boolean trained) {
        JsonNode parsed = Fields.parsed((String) message.get(CONTENT));
        ArrayNode calls = JsonNodeFactory.instance.arrayNode();
        for (JsonNode call : parsed == null ? List.<JsonNode>of() : parsed.isArray() ? parsed : List.of(parsed)) {
            if (!call.hasNonNull("name")) {
                parsed = null;
                break;
            }
            calls.addObject().put("type", "function").set("function", call);
        }
        if (parsed == null || calls.isEmpty()) {
            lastCall = null;
            messages.add(new Message(message, trained));
        } else if (lastCall != null) {
            ((ArrayNode) lastCall.values().get(TOOL_CALLS)).addAll(calls);
        } else {
            message.put(CONTENT, "");
            message.put(TOOL_CALLS, calls);
            lastCall = new Message(message, trained);
            messages.add(lastCall);
        }
    }

    /** A system prompt in a column of its own goes before the conversation. */
    private void addSystem() {
        if (!fields.has(Roles.SYSTEM) || fields.string(Roles.SYSTEM).isEmpty()) {
            return;
        }
        String system = fields.string(Roles.SYSTEM);
        Message first = messages.get(0);
        if (!first.values().get(ROLE).equals(Roles.SYSTEM)) {
            messages.add(0, new Message(Map.of(ROLE, Roles.SYSTEM, CONTENT, system), null));
        } else if (!system.equals(first.values().get(CONTENT))) {
            throw fields.fault(
                    Roles.SYSTEM,
                    "is another system prompt than that of the first message: " + Shown.brief(system)
                            + "; take one of them out");
        }
    }

    private static String at(int i) {
        return "message " + (i + 1) + " ";
    }
}
