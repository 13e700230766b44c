package io.github.psft4j.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.options.LossOn;
import io.github.psft4j.io.Shown;
import java.util.Map;

/**
 * {@link Layout#ALPACA}, {@link Layout#DOLLY} and {@link Layout#QUERY_RESPONSE}: an instruction and its response. They
 * are a conversation where the model has a chat template, otherwise text.
 *
 * <p>{@code input} and {@code context} follow the instruction after a line feed. Exchanges of {@code history} come
 * before it and {@code system} before them; both need a chat template.
 */
public final class InstructionEncoder implements RowEncoder {
    private final String instruction;
    private final String response;
    private final String suffix;
    private final boolean chat;
    private final RowEncoder encoder;

    /** @param chat whether rows are conversations */
    public InstructionEncoder(Layout layout, String suffix, boolean chat, LossOn lossOn, TextEncoder text) {
        this.instruction = layout.fields().get(0);
        this.response = layout.fields().get(1);
        this.suffix = suffix;
        this.chat = chat;
        this.encoder = chat
                ? new ConversationEncoder(lossOn, text)
                : new PromptEncoder(Layout.PROMPT_COMPLETION, suffix, lossOn, text);
    }

    @Override
    public Encoded encode(Fields row) {
        String prompt = prompt(row);
        String answer = row.string(response);
        String system = row.optional(Roles.SYSTEM);
        ArrayNode messages = JsonNodeFactory.instance.arrayNode();
        if (!system.isEmpty()) {
            add(messages, Roles.SYSTEM, system);
        }
        history(row, messages);
        ObjectNode values = JsonNodeFactory.instance.objectNode();
        if (!chat) {
            if (!messages.isEmpty()) {
                throw row.fault(
                        system.isEmpty() ? "history" : Roles.SYSTEM,
                        "has no place without a chat template, and the model has none; add chat_template.jinja to its"
                                + " directory, or take the column out");
            }
            values.put("prompt", prompt).put("completion", answer);
            return encoder.encode(row.rewritten(
                    values, Map.of("prompt", row.column(instruction), "completion", row.column(response))));
        }
        add(messages, Roles.USER, prompt + suffix);
        add(messages, Roles.ASSISTANT, answer);
        values.set("messages", messages);
        if (row.has("tools")) {
            values.set("tools", row.get("tools"));
        }
        return encoder.encode(row.rewritten(values, Map.of("messages", row.column(instruction))));
    }

    private String prompt(Fields row) {
        String prompt = row.string(instruction);
        for (String more : new String[] {"input", "context"}) {
            String text = row.column(more).equals(row.column(instruction)) ? "" : row.optional(more);
            if (!text.isEmpty()) {
                prompt = prompt.isEmpty() ? text : prompt + "\n" + text;
            }
        }
        return prompt;
    }

    /** Earlier exchanges, a list of question and answer each. */
    private static void history(Fields row, ArrayNode messages) {
        if (!row.has("history") || Columns.isEmpty(row.get("history"))) {
            return;
        }
        for (JsonNode exchange : row.list("history", "[question, answer]")) {
            if (!exchange.isArray()
                    || exchange.size() != 2
                    || !exchange.get(0).isTextual()
                    || !exchange.get(1).isTextual()) {
                throw row.fault(
                        "history",
                        "has an exchange that is not [question, answer]: " + Shown.brief(exchange.toString()));
            }
            add(messages, Roles.USER, exchange.get(0).textValue());
            add(messages, Roles.ASSISTANT, exchange.get(1).textValue());
        }
    }

    private static void add(ArrayNode messages, String role, String content) {
        messages.addObject().put("role", role).put("content", content);
    }
}
