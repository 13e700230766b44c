package io.github.psft4j.data.encode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.hf.text.Rendering;
import io.github.psft4j.io.JsonFault;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Calls of tools as chat templates expect them, from the spellings of recorded data.
 *
 * <p>OpenAI writes {@code arguments} as a string that holds JSON, and once wrote {@code function_call} and the role
 * {@code function}. Templates expect {@code tool_calls} with arguments that are an object, and the role {@code tool}.
 */
final class ToolCalls {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CALLS = "tool_calls";
    private static final String LEGACY = "function_call";

    /** What becomes of a missing or blank content beside calls: nothing, empty text, null. */
    private static final int AS_IT_IS = 0;

    private static final int AS_NULL = 2;

    private ToolCalls() {}

    /**
     * The same messages, with their calls in the form that a template writes. Most templates expect arguments that are
     * an object, some join them to text. Some fail where the content is missing, and some look for calls only where it
     * is null, which transformers and we leave out otherwise.
     */
    static List<Message> read(List<Message> messages, TextEncoder text, Map<String, Object> variables) {
        List<Message> best = read(messages, false, AS_IT_IS);
        if (best == messages) {
            return messages;
        }
        boolean rendered = false;
        for (int form = 0; form < 6; form++) {
            List<Message> read = read(messages, form % 2 == 1, form / 2);
            Rendering rendering = text.renderedOrNull(Message.values(read), variables, false);
            if (rendering != null && isShown(read, rendering)) {
                return read;
            }
            if (rendering != null && !rendered && form / 2 == AS_IT_IS) {
                best = read;
                rendered = true;
            }
        }
        return best;
    }

    /** Whether a rendering has all calls, and no arguments as Python prints them. */
    private static boolean isShown(List<Message> messages, Rendering rendering) {
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            String text = rendering.textOf(i);
            if (message.values().get(CALLS) instanceof JsonNode calls) {
                if (message.values().containsValue(null) && text.contains("None")) {
                    return false; // null, as Python prints it
                }
                for (JsonNode call : calls) {
                    JsonNode function = call.has("function") ? call.get("function") : call;
                    Iterator<String> names = function.path("arguments").fieldNames();
                    if (!text.contains(function.path("name").asText())
                            || names.hasNext() && text.contains("{'" + names.next() + "': ")) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    private static List<Message> read(List<Message> messages, boolean asText, int blank) {
        boolean legacy = messages.stream().anyMatch(message -> message.values().containsKey(LEGACY));
        if (!legacy && messages.stream().noneMatch(message -> message.values().containsKey(CALLS))) {
            return messages;
        }
        List<Message> read = new ArrayList<>();
        for (Message message : messages) {
            Map<String, Object> values = new LinkedHashMap<>(message.values());
            if (legacy && "function".equals(values.get("role"))) {
                values.put("role", "tool");
            }
            JsonNode calls = calls(values.remove(CALLS), values.remove(LEGACY), asText);
            if (!calls.isEmpty()) {
                values.put(CALLS, calls);
                if (blank != AS_IT_IS && values.getOrDefault("content", "") instanceof String text && text.isBlank()) {
                    values.put("content", blank == AS_NULL ? null : "");
                }
            }
            read.add(new Message(values, message.trained()));
        }
        return read;
    }

    private static JsonNode calls(Object calls, Object legacy, boolean asText) {
        ArrayNode read = JsonNodeFactory.instance.arrayNode();
        if (parsed(calls) instanceof JsonNode node) {
            (node.isArray() ? node : List.of(node)).forEach(call -> read.add(call(call, asText)));
        }
        if (read.isEmpty() && parsed(legacy) instanceof ObjectNode function) {
            read.add(call(read.objectNode().put("type", "function").set("function", function), asText));
        }
        return read;
    }

    private static JsonNode call(JsonNode call, boolean asText) {
        JsonNode copy = call.deepCopy();
        for (JsonNode holder : List.of(copy, copy.path("function"))) {
            if (asText
                    && holder instanceof ObjectNode object
                    && holder.path("arguments").isObject()) {
                object.put("arguments", holder.get("arguments").toString());
            } else if (!asText
                    && holder instanceof ObjectNode object
                    && holder.path("arguments").isNull()) {
                object.putObject("arguments");
            } else if (!asText
                    && holder instanceof ObjectNode object
                    && holder.path("arguments").isTextual()) {
                String text = holder.get("arguments").textValue();
                Object arguments = text.isBlank() ? object.objectNode() : parsed(text);
                if (arguments instanceof ObjectNode node) {
                    object.set("arguments", node);
                }
            }
        }
        return copy;
    }

    /** What a string of JSON says, other values as they are; null if it is no JSON. */
    private static Object parsed(Object value) {
        if (!(value instanceof String text)) {
            return value;
        }
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return null; // the template gets such arguments as text
        }
    }

    /** Names of the functions that a message calls. */
    static List<String> names(Map<String, Object> message) {
        return message.get(CALLS) instanceof JsonNode calls ? functions(calls) : List.of();
    }

    /** Whether a rendering has arguments as a string of JSON, quoted: they are text that holds no object. */
    static boolean isQuoted(Map<String, Object> message, String rendered) {
        return message.get(CALLS) instanceof JsonNode calls
                && calls.findValues("arguments").stream()
                        .anyMatch(text -> text.isTextual() && rendered.contains(text.toString()));
    }

    /** Names of functions: of calls or of schemas. */
    static List<String> functions(JsonNode calls) {
        List<String> names = new ArrayList<>();
        for (JsonNode call : calls) {
            JsonNode name = (call.has("function") ? call.get("function") : call).path("name");
            if (name.isTextual()) {
                names.add(name.textValue());
            }
        }
        return names;
    }

    /**
     * The variable {@code tools}: a list of JSON schemas, or a string that holds one. Schemas may be strings of JSON
     * too. OpenAI's older form has {@code functions} instead, without the frame of a schema.
     *
     * @return an empty list if the row has no tools
     */
    static ArrayNode tools(Fields row) {
        ArrayNode tools = schemas(row, "tools");
        if (tools.isEmpty()) {
            for (JsonNode function : schemas(row, "functions")) {
                tools.addObject().put("type", "function").set("function", function);
            }
        }
        return tools;
    }

    private static ArrayNode schemas(Fields row, String field) {
        ArrayNode schemas = JsonNodeFactory.instance.arrayNode();
        JsonNode tools = row.has(field) ? json(row, field, row.get(field)) : schemas;
        if (tools.isMissingNode() || tools.isNull()) {
            return schemas;
        }
        if (!tools.isArray()) {
            throw row.fault(field, "is " + Fields.kind(tools) + " instead of a list of JSON schemas");
        }
        for (JsonNode tool : tools) {
            JsonNode schema = json(row, field, tool);
            if (!schema.isMissingNode() && !schema.isNull()) {
                schemas.add(schema);
            }
        }
        return schemas;
    }

    private static JsonNode json(Fields row, String field, JsonNode value) {
        if (!value.isTextual()) {
            return value;
        }
        try {
            return JSON.readTree(value.textValue());
        } catch (JsonProcessingException e) {
            throw row.fault(field, "is a string that is not JSON: " + JsonFault.reason(e), e);
        }
    }
}
