package io.github.psft4j.transformer.generation;

import java.util.Arrays;
import java.util.List;

/**
 * Text of a growing sequence of tokens, cut off before the first stop string.
 *
 * <p>A token's text depends on its neighbours, such as a leading space or one character spread over several tokens. New
 * tokens are therefore decoded together with a few before them; the difference is what they add. A text that ends in
 * the replacement character waits for the next token.
 */
final class TextStream {

    /** Tokens before the new ones that are decoded with them. */
    private static final int CONTEXT = 6;

    private static final char INCOMPLETE = '\uFFFD';

    private final Detokenizer detokenizer;
    private final List<String> stops;
    private final StringBuilder text = new StringBuilder();
    private int context; // first token of the context
    private int decoded; // first token whose text is not in yet
    private int given; // characters that take() has returned
    private boolean stopped;

    TextStream(Detokenizer detokenizer, List<String> stops, int promptLength) {
        this.detokenizer = detokenizer;
        this.stops = stops;
        this.decoded = promptLength;
        this.context = Math.max(0, promptLength - CONTEXT);
    }

    /**
     * Takes in the tokens up to {@code length}.
     *
     * @param last whether no more will come, so that an incomplete character is part of the text
     * @return whether the text has come to a stop string
     */
    boolean add(int[] tokens, int length, boolean last) {
        if (stopped || decoded == length) {
            return stopped;
        }
        String before = detokenizer.decode(Arrays.copyOfRange(tokens, context, decoded));
        String now = detokenizer.decode(Arrays.copyOfRange(tokens, context, length));
        boolean complete = now.isEmpty() || now.charAt(now.length() - 1) != INCOMPLETE;
        if (complete || last) {
            int searched = text.length();
            text.append(now, Math.min(before.length(), now.length()), now.length());
            context = Math.max(context, decoded - CONTEXT);
            decoded = length;
            cut(searched);
        }
        return stopped;
    }

    /** Cuts the text before the first stop string that ends behind {@code searched}. */
    private void cut(int searched) {
        int first = text.length();
        for (String stop : stops) {
            int at = text.indexOf(stop, Math.max(0, searched - stop.length() + 1));
            if (at >= 0) {
                stopped = true;
                first = Math.min(first, at);
            }
        }
        text.setLength(first);
    }

    /**
     * What has become certain since the last call.
     *
     * @param last whether no more tokens will come; before that, the beginning of a stop string is held back
     */
    String take(boolean last) {
        int end = last || stopped ? text.length() : text.length() - begun();
        String part = text.substring(Math.min(given, end), end);
        given = Math.max(given, end);
        return part;
    }

    /** Length of the longest end of the text that a stop string begins with. */
    private int begun() {
        int longest = 0;
        for (String stop : stops) {
            for (int n = Math.min(stop.length() - 1, text.length()); n > longest; n--) {
                if (stop.startsWith(text.substring(text.length() - n))) {
                    longest = n;
                }
            }
        }
        return longest;
    }

    /** The whole text so far. */
    String text() {
        return text.toString();
    }
}
