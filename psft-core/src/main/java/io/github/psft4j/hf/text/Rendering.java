package io.github.psft4j.hf.text;

import java.util.List;
import java.util.Map;

/**
 * A conversation as text.
 *
 * @param text what the model reads
 * @param generationSpans the parts inside {@code {% generation %}}: what the assistant said; empty if the template
 *     marks nothing
 * @param messageSpans the part that the template's loop over the messages wrote for each, by the index of the message
 *     from 0; a message that the template writes in another way is missing
 */
public record Rendering(String text, List<Span> generationSpans, Map<Integer, Span> messageSpans) {

    /**
     * A part of the text, counted in UTF-16 characters as {@link String#substring(int, int)} counts. The library
     * transformers counts code points: an emoji before the part makes its numbers smaller by one.
     *
     * @param start index of the first character
     * @param end index behind the last
     */
    public record Span(int start, int end) {}

    /** What the template wrote of a message; the whole text if that is not known. */
    public String textOf(int message) {
        Span part = messageSpans.get(message);
        return part == null ? text : text.substring(part.start(), part.end());
    }

    /** The collections are copied. */
    public Rendering {
        generationSpans = List.copyOf(generationSpans);
        messageSpans = Map.copyOf(messageSpans);
    }
}
