package io.github.psft4j.data.encode;

import io.github.psft4j.data.options.Layout;

/** {@link Layout#TEXT}: special tokens of the tokenizer, text, end-of-sequence token; all trained. */
public final class PlainTextEncoder implements RowEncoder {
    private final TextEncoder text;

    public PlainTextEncoder(TextEncoder text) {
        this.text = text;
    }

    @Override
    public Encoded encode(Fields row) {
        String said = row.string("text");
        if (text.said(said).isEmpty()) {
            return Encoded.leftOut(
                    DropReason.NO_TRAINED_TOKENS, row.fault("text", "is empty").getMessage());
        }
        int[] tokens = text.ended(text.encode(row, "text", said, true));
        return Encoded.of(new int[0], tokens, true);
    }
}
