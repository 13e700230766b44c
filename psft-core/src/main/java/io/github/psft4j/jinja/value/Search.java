package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.Budget;

/**
 * Finds a text within another in time that grows with the sum of the lengths. String.indexOf takes their product at
 * worst, and a template may make both long. String.indexOf finds short texts, which is all that honest templates want.
 */
public final class Search {
    private static final int SHORT = 64;

    private final String wanted;

    /**
     * For every prefix of the wanted text, the length of its longest proper prefix that is also its end (Knuth, Morris,
     * Pratt).
     */
    private final int[] borders;

    public Search(String wanted) {
        this.wanted = wanted;
        this.borders = wanted.length() <= SHORT ? null : borders(wanted);
    }

    private static int[] borders(String wanted) {
        Budget.read(4L * wanted.length());
        Budget.made(2L * wanted.length());
        int[] borders = new int[wanted.length()];
        int length = 0;
        for (int i = 1; i < borders.length; i++) {
            while (length > 0 && wanted.charAt(i) != wanted.charAt(length)) {
                length = borders[length - 1];
            }
            length += wanted.charAt(i) == wanted.charAt(length) ? 1 : 0;
            borders[i] = length;
        }
        return borders;
    }

    /** The first index from {@code from} on where the wanted text stands, or -1. */
    public int in(String text, int from) {
        int at = borders == null ? text.indexOf(wanted, from) : search(text, from);
        Budget.read(cost((at < 0 ? text.length() : at) - from, wanted));
        return at;
    }

    private static long cost(long searched, String wanted) {
        return Math.max(0, searched + wanted.length()) * (1 + Math.min(SHORT, wanted.length()) / 16);
    }

    private int search(String text, int from) {
        int matched = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            while (matched > 0 && c != wanted.charAt(matched)) {
                matched = borders[matched - 1];
            }
            matched += c == wanted.charAt(matched) ? 1 : 0;
            if (matched == borders.length) {
                return i - matched + 1;
            }
        }
        return -1;
    }

    /** The last index up to {@code from} where the wanted text stands, or -1. */
    public static int lastIn(String text, String wanted, int from) {
        if (wanted.length() <= SHORT) {
            int at = text.lastIndexOf(wanted, from);
            Budget.read(cost(Math.min(from, text.length()) - Math.max(at, 0), wanted));
            return at;
        }
        int start = Math.min(from, text.length() - wanted.length());
        if (start < 0) {
            return -1;
        }
        String backward = new StringBuilder(text.substring(0, start + wanted.length()))
                .reverse()
                .toString();
        Budget.made(backward.length());
        int at = new Search(new StringBuilder(wanted).reverse().toString()).in(backward, 0);
        return at < 0 ? -1 : backward.length() - at - wanted.length();
    }
}
