package io.github.psft4j.data.options;

import java.util.List;

/**
 * The form of a demonstration in a row, recognised by its columns. The names are those of TRL, of the PSFT authors, and
 * of the data sets that made a form known.
 */
public enum Layout {
    /**
     * {@code messages}, {@code conversations} or {@code conversation}: a list of {@code {role, content}}, or ShareGPT's
     * {@code {from, value}}; a {@code system} column goes before it.
     */
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
    /** {@code problem} and {@code solution}, both strings, as in MATH. */
    PROBLEM_SOLUTION("problem", "solution"),
    /** {@code instruction} and {@code output}, with {@code input}, {@code history} and {@code system} as in Alpaca. */
    ALPACA("instruction", "output"),
    /** {@code instruction} and {@code response}, with {@code context} as in Dolly. */
    DOLLY("instruction", "response"),
    /** {@code query} and {@code response}, with {@code history} and {@code system} as in ms-swift. */
    QUERY_RESPONSE("query", "response"),
    /** {@code text}: one string, trained whole. */
    TEXT("text"),
    /**
     * {@code input_ids} and {@code loss_mask} (0/1 or true/false per id) or {@code labels} (-100 for what is not
     * trained): tokenised before.
     */
    TOKENS("input_ids", "loss_mask"),
    /**
     * {@code chosen} and {@code rejected}, two answers to one {@code prompt}; text or messages. Without a prompt column
     * it is what both begin with. A row is two sequences, chosen first.
     */
    PREFERENCE("chosen", "rejected"),
    /**
     * {@code prompt}, {@code completion} and {@code label}, which says whether the answer is good: KTO. Never
     * recognised by the columns, because rows of {@link #PROMPT_COMPLETION} may have a label too.
     */
    UNPAIRED_PREFERENCE("prompt", "completion", "label");

    private final List<String> fields;

    Layout(String... fields) {
        this.fields = List.of(fields);
    }

    /** The fields that a row of this layout has. */
    public List<String> fields() {
        return fields;
    }

    /** Whether a row is one instruction of a chat: shown by the chat template, where the model has one. */
    public boolean isInstruction() {
        return this == ALPACA || this == DOLLY || this == QUERY_RESPONSE;
    }

    /** Whether the first field is a prompt and the second what follows it. */
    public boolean isPair() {
        return fields.size() == 2 && this != TOKENS && this != PREFERENCE;
    }

    /** Sequences that a row becomes: 2 for {@link #PREFERENCE}. */
    public int sequences() {
        return this == PREFERENCE ? 2 : 1;
    }
}
