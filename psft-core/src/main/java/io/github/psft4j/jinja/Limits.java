package io.github.psft4j.jinja;

/**
 * Limits of one rendering. A template is a program that is not trusted: it may loop, double strings and recurse.
 *
 * @param steps statements executed, calls and elements visited; 64 characters read count as one
 * @param textLength characters of the longest string and of the whole result; a list has at most a quarter as many
 *     elements
 * @param characters characters made in total, results in between included; list elements count as sixteen
 * @param depth macro calls and loop recursions inside each other
 */
public record Limits(long steps, long textLength, long characters, int depth) {

    /**
     * Ten million steps (seconds), strings of 16 million characters, and 100 calls inside each other. In total a
     * rendering may make 134 million characters (at most half a gigabyte of heap). The longest conversations take
     * hundredths of that.
     */
    public static final Limits DEFAULT = new Limits(10_000_000, 1L << 24, 1L << 27, 100);

    /** Characters of a template's source; the longest of known models has some twenty thousand. */
    public static final int SOURCE = 1 << 20;
}
