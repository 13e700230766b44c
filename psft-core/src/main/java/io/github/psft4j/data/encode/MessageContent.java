package io.github.psft4j.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A content that is a list of parts as one text, because chat templates of text models read strings.
 *
 * <p>Parts of the type {@code text} are joined without anything between them. {@code reasoning} becomes the message's
 * {@code reasoning_content}, {@code tool_call} one of its {@code tool_calls}. Images and other types are refused.
 */
final class MessageContent {
    private static final String CONTENT = "content";

    private MessageContent() {}

    /** @return what the parts say about being trained, one flag or null each; empty if the content is no list */
    static List<Boolean> join(Fields fields, String field, String at, Map<String, Object> message) {
        if (!(message.get(CONTENT) instanceof ArrayNode parts)) {
            return List.of();
        }
        List<Boolean> flags = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        StringBuilder reasoning = new StringBuilder();
        ArrayNode calls = JsonNodeFactory.instance.arrayNode();
        for (JsonNode part : parts) {
            String type = part.isTextual() ? "text" : part.path("type").asText("text");
            switch (type) {
                case "text", "input_text", "output_text" -> text.append(words(fields, field, at, part));
                case "reasoning", "thinking" -> reasoning.append(words(fields, field, at, part));
                case "tool_call" ->
                    calls.addObject()
                            .put("type", "function")
                            .set(
                                    "function",
                                    fields.json(field, at + "has a tool_call that", words(fields, field, at, part)));
                default ->
                    throw fields.fault(
                            field,
                            at + "has a part of the type '" + Shown.brief(type)
                                    + "', which a text model cannot read; parts are text, reasoning and tool_call");
            }
            flags.add(TrainedFlag.of(fields, field, at + "has a part that ", part));
        }
        message.put(CONTENT, text.toString());
        if (!reasoning.isEmpty()) {
            message.put("reasoning_content", reasoning.toString());
        }
        if (!calls.isEmpty()) {
            message.put("tool_calls", calls);
        }
        return flags;
    }

    private static String words(Fields fields, String field, String at, JsonNode part) {
        if (part.isTextual()) {
            return part.textValue();
        }
        for (String name : List.of("text", "value", CONTENT, "thinking")) {
            if (part.path(name).isTextual()) {
                return part.get(name).textValue();
            }
        }
        throw fields.fault(field, at + "has a part without text: " + Shown.brief(part.toString()));
    }
}
