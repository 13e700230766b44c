package io.github.psft4j.data.encode;

import java.util.List;

/**
 * The form of a demonstration in a row, recognised by its columns. The names are those of TRL and of the PSFT authors.
 */
public enum Layout {
    /** {@code messages}: a conversation, a list of {@code {role, content}}. */
    MESSAGES("messages"),
    /**
     * {@code prompt} and {@code completion}, both strings or both lists of messages; a prompt of messages may have a
     * completion that is a string.
     */
    PROMPT_COMPLETION("prompt", "completion"),
    /** {@code prompt} and {@code demonstration}: the Parquet files of the PSFT authors. */
    PROMPT_DEMONSTRATION("prompt", "demonstration"),
    /** {@code question} and {@code answer}, both strings, as in GSM8K. */
    QUESTION_ANSWER("question", "answer"),
    /** {@code text}: one string, trained whole. */
    TEXT("text"),
    /** {@code input_ids} and {@code loss_mask} (0/1 or true/false per id): tokenised before. */
    TOKENS("input_ids", "loss_mask");

    private final List<String> fields;

    Layout(String... fields) {
        this.fields = List.of(fields);
    }

    /** The fields that a row of this layout has. */
    public List<String> fields() {
        return fields;
    }
}
