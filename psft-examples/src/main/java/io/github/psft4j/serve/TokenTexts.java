package io.github.psft4j.serve;

import io.github.psft4j.hf.text.Tokenizer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Text of single tokens as it stands inside a text, special tokens written out. A tokenizer may strip the space before
 * a token at the start of a text, so a token is decoded behind another one. A part of a character is U+FFFD.
 */
public final class TokenTexts {

    private final Tokenizer tokenizer;
    private final int before; // decoded in front of every token
    private final String textBefore;
    private final AtomicReferenceArray<String> texts; // by id, null until asked for

    TokenTexts(Tokenizer tokenizer, int vocabulary) {
        this.tokenizer = tokenizer;
        int[] letter = tokenizer.encode("a", false);
        this.before = letter[letter.length - 1];
        this.textBefore = tokenizer.decode(before);
        this.texts = new AtomicReferenceArray<>(vocabulary);
    }

    /** Characters of a token in a text without special tokens. */
    public int width(int id) {
        return tokenizer.decode(new int[] {id}, true).isEmpty() ? 0 : of(id).length();
    }

    /** Text of a token; empty for an id that no token has. */
    public String of(int id) {
        String text = texts.get(id);
        if (text == null) {
            String both = tokenizer.decode(before, id);
            text = both.startsWith(textBefore) ? both.substring(textBefore.length()) : tokenizer.decode(id);
            texts.set(id, text);
        }
        return text;
    }
}
