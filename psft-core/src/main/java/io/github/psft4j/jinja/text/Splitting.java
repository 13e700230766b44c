package io.github.psft4j.jinja.text;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.value.PythonStrings;
import io.github.psft4j.jinja.value.Search;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** {@code str.split} and {@code str.rsplit}. */
public final class Splitting {
    private Splitting() {}

    /**
     * @param separator null for runs of white space, which also drops empty parts at the ends
     * @param limit splits at most
     */
    public static List<Object> split(String s, String separator, int limit, boolean fromRight) {
        if (separator != null) {
            return fromRight ? lastAt(s, separator, limit) : at(s, separator, limit);
        }
        return fromRight ? lastAtSpace(s, limit) : atSpace(s, limit);
    }

    private static void add(List<Object> pieces, String piece) {
        Budget.listed(pieces.size(), 1);
        pieces.add(piece);
    }

    private static List<Object> at(String s, String separator, int limit) {
        List<Object> pieces = new ArrayList<>();
        int from = 0;
        Search search = new Search(separator);
        for (int at = search.in(s, 0); at >= 0 && pieces.size() < limit; at = search.in(s, from)) {
            add(pieces, s.substring(from, at));
            from = at + separator.length();
        }
        pieces.add(s.substring(from));
        return pieces;
    }

    private static List<Object> lastAt(String s, String separator, int limit) {
        List<Object> pieces = new ArrayList<>();
        int end = s.length();
        while (pieces.size() < limit) {
            int at = end < separator.length() ? -1 : Search.lastIn(s, separator, end - separator.length());
            if (at < 0) {
                break;
            }
            add(pieces, s.substring(at + separator.length(), end));
            end = at;
        }
        pieces.add(s.substring(0, end));
        Collections.reverse(pieces);
        return pieces;
    }

    private static List<Object> atSpace(String s, int limit) {
        List<Object> pieces = new ArrayList<>();
        int i = 0;
        while (true) {
            while (i < s.length() && PythonStrings.isSpace(s.charAt(i))) {
                i++;
            }
            if (i == s.length()) {
                return pieces;
            }
            if (pieces.size() == limit) {
                pieces.add(s.substring(i));
                return pieces;
            }
            int start = i;
            while (i < s.length() && !PythonStrings.isSpace(s.charAt(i))) {
                i++;
            }
            add(pieces, s.substring(start, i));
        }
    }

    private static List<Object> lastAtSpace(String s, int limit) {
        List<Object> pieces = new ArrayList<>();
        int end = s.length();
        while (true) {
            while (end > 0 && PythonStrings.isSpace(s.charAt(end - 1))) {
                end--;
            }
            if (end == 0) {
                break;
            }
            if (pieces.size() == limit) {
                pieces.add(s.substring(0, end));
                break;
            }
            int stop = end;
            while (end > 0 && !PythonStrings.isSpace(s.charAt(end - 1))) {
                end--;
            }
            add(pieces, s.substring(end, stop));
        }
        Collections.reverse(pieces);
        return pieces;
    }
}
