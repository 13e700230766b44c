package io.github.psft4j.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * The prompt of a row that has no completion: what a policy is to continue.
 *
 * @param ids its tokens, at least one; of a conversation as the chat template writes it, up to where the answer begins
 * @param value as the row has it: a text, or an array of messages
 */
public record PromptRow(int[] ids, JsonNode value) {

    private static final String FIELD = "prompt";

    /**
     * Reads the field {@code prompt}: a text, or messages of which the last is not the assistant's.
     *
     * @param suffix is appended to a prompt that is text
     * @throws io.github.psft4j.data.rows.DataFormatException naming file, line and field, if it is no prompt
     */
    public static PromptRow read(Fields row, TextEncoder text, String suffix) {
        JsonNode value = row.get(FIELD);
        boolean messages = value.isArray();
        if (!messages && !row.options().promptAsUserMessage()) {
            int[] ids = text.encode(row, FIELD, row.string(FIELD) + suffix, true);
            return checked(row, ids, value);
        }
        Map<String, Object> variables = ConversationEncoder.variables(row);
        List<Map<String, Object>> prompt = messages
                ? Message.values(ToolCalls.read(Conversation.read(row, FIELD), text, variables))
                : List.of(Map.of("role", Roles.USER, "content", row.string(FIELD) + suffix));
        if (Roles.ASSISTANT.equals(prompt.get(prompt.size() - 1).get("role"))) {
            throw row.fault(FIELD, "ends with an answer of the assistant, which the policy is to write; take it out");
        }
        String rendered = text.render(row, FIELD, prompt, variables, true).text();
        return checked(row, text.encode(row, FIELD, rendered, false), value);
    }

    private static PromptRow checked(Fields row, int[] ids, JsonNode value) {
        if (ids.length == 0) {
            throw row.fault(FIELD, "has no token; a policy needs at least one to continue");
        }
        return new PromptRow(ids, value);
    }
}
