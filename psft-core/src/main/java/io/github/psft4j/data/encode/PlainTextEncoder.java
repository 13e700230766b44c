package io.github.psft4j.data.encode;

/** {@link Layout#TEXT}: special tokens of the tokenizer, text, end-of-sequence token; all trained. */
public final class PlainTextEncoder implements RowEncoder {
    private final TextEncoder text;

    public PlainTextEncoder(TextEncoder text) {
        this.text = text;
    }

    @Override
    public Encoded encode(Fields row) {
        int[] tokens = text.ended(text.encode(row, "text", row.string("text"), true));
        return Encoded.of(new int[0], tokens, true);
    }
}
