package io.github.psft4j.eval.judge;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The last match of a regular expression. Some expressions never end on some texts: a search ends when its time is
 * over, or its thread interrupted.
 *
 * @param pattern the expression
 * @param whole whether the whole text must match
 * @param limit longest time of a search; null for none
 */
public record RegexSearch(Pattern pattern, boolean whole, Duration limit) {

    /**
     * First group of the last match, or all of it where there is no group; null without a match.
     *
     * @throws CancellationException when the time is over or the thread interrupted
     */
    public String last(String text) {
        long end = limit == null ? Long.MAX_VALUE : System.nanoTime() + limit.toNanos();
        Matcher m = pattern.matcher(new Bounded(text, end));
        String found = null;
        if (whole ? m.matches() : m.find()) {
            do {
                found = m.groupCount() > 0 && m.group(1) != null ? m.group(1) : m.group();
            } while (!whole && m.find());
        }
        return found;
    }

    private record Bounded(CharSequence text, long end) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("the search was interrupted");
            }
            if (end != Long.MAX_VALUE && System.nanoTime() - end > 0) {
                throw new CancellationException("the search took too long");
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int from, int to) {
            return text.subSequence(from, to);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
