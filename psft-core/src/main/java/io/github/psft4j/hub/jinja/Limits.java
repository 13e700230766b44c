package io.github.psft4j.hub.jinja;

/**
 * What one rendering may use. A template is a program from a stranger: it may loop, double strings and recurse.
 *
 * @param steps      statements executed and elements visited
 * @param textLength characters of the longest string and of the whole result
 * @param characters characters made in total, results in between included; list elements count as four
 * @param depth      macro calls and loop recursions inside each other
 */
public record Limits(long steps, long textLength, long characters, int depth) {

    /**
     * Ten million steps (seconds), strings of 16 million characters, 268 million characters in total, 100 calls inside
     * each other. The longest conversations take thousandths of that.
     */
    public static final Limits DEFAULT = new Limits(10_000_000, 1L << 24, 1L << 28, 100);
}
