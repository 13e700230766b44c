package io.github.psft4j.hf.text;

import java.util.List;

/**
 * A conversation as text.
 *
 * @param text what the model reads
 * @param generationSpans the parts inside {@code {% generation %}}: what the assistant said; empty if the template
 *     marks nothing
 */
public record Rendering(String text, List<Span> generationSpans) {

    /**
     * A part of the text, counted in UTF-16 characters as {@link String#substring(int, int)} counts. The library
     * transformers counts code points: an emoji before the part makes its numbers smaller by one.
     *
     * @param start index of the first character
     * @param end index behind the last
     */
    public record Span(int start, int end) {}

    /** The list is copied. */
    public Rendering {
        generationSpans = List.copyOf(generationSpans);
    }
}
