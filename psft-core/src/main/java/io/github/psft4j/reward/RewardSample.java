package io.github.psft4j.reward;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.io.Shown;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One completion to be scored, with all that is known of it.
 *
 * @param prompt as the row has it: a text, or an array of messages {@code {"role", "content"}}
 * @param completion text of the completion, without the token that ended it
 * @param tokens number of tokens of the completion, the end of sequence included, &gt;= 0
 * @param truncated whether it was cut off at the limit of tokens
 * @param columns the other columns of the row, such as {@code answer}
 */
public record RewardSample(
        JsonNode prompt, String completion, int tokens, boolean truncated, Map<String, JsonNode> columns) {

    /** @throws IllegalArgumentException if prompt or completion is null, or the number of tokens negative */
    public RewardSample {
        if (prompt == null || completion == null) {
            throw new IllegalArgumentException("a sample needs a prompt and a completion, neither of them null");
        }
        if (tokens < 0) {
            throw new IllegalArgumentException("the number of tokens must be 0 or above, was " + tokens);
        }
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    }

    /** The prompt as text: itself, or the contents of its messages, one paragraph each. */
    public String promptText() {
        if (!prompt.isArray()) {
            return prompt.asText();
        }
        StringBuilder out = new StringBuilder();
        for (JsonNode message : prompt) {
            out.append(out.length() == 0 ? "" : "\n\n")
                    .append(message.path("content").asText());
        }
        return out.toString();
    }

    /**
     * A column as text: a text as it is, a number as it is written, anything else as JSON.
     *
     * @return null if the row has no such column or its value is null
     */
    public String text(String column) {
        JsonNode value = columns.get(column);
        if (value == null || value.isNull()) {
            return null;
        }
        return value.isValueNode() ? value.asText() : value.toString();
    }

    /**
     * A column that a function cannot do without.
     *
     * @throws IllegalArgumentException naming the column and those that the row has
     */
    public String required(String column) {
        String text = text(column);
        if (text == null) {
            throw new IllegalArgumentException("the row has no column '" + column + "'; it has "
                    + Shown.few(columns.keySet()) + "; set the column of the reward, or add it to the data");
        }
        return text;
    }
}
