package io.github.psft4j.data;

import io.github.psft4j.hub.ChatTemplate;
import io.github.psft4j.hub.Tokenizer;

/** Demonstrations from data files. */
public final class DemonstrationFiles {

    private DemonstrationFiles() {}

    /**
     * Reads all rows, tokenises them and keeps them in a file outside the heap.
     *
     * @param tokenizer the model's; may be null for {@link Layout#TOKENS}
     * @param template  the model's chat template, null if it has none
     * @return the demonstrations, to be closed
     * @throws DataFormatException naming file, line, field and remedy, if a row or file is not what it should be
     */
    public static DemonstrationSet read(DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
        throw new UnsupportedOperationException("API skeleton");
    }

    /**
     * The same row by row, without a cache.
     *
     * @return examples in input order, dropped rows included; to be closed
     */
    public static ExampleReader stream(DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
        throw new UnsupportedOperationException("API skeleton");
    }
}
