package io.github.psft4j.data.encode;

import io.github.psft4j.data.options.BadRows;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.Truncation;

/** Why a row gave no demonstration. */
public enum DropReason {
    /** More tokens than {@link DataOptions#maxLength()}, under {@link Truncation#DROP}. */
    TOO_LONG("more tokens than data.max_length"),
    /**
     * No token to train: an empty completion, a mask of zeros, or a prompt that fills {@link DataOptions#maxLength()}.
     */
    NO_TRAINED_TOKENS("no trained token"),
    /** The content of a message spells a special token that begins or ends a turn. */
    SPECIAL_TOKEN("a content that spells a special token"),
    /** Both answers of a pair are the same, so nothing is preferred. */
    NO_DIFFERENCE("a pair without difference"),
    /** Not a demonstration, under {@link BadRows#DROP}. */
    MALFORMED("malformed");

    private final String words;

    DropReason(String words) {
        this.words = words;
    }

    /** The reason as text, for reports. */
    public String words() {
        return words;
    }
}
