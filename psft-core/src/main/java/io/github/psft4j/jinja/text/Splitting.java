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
        return atSpace(s, limit, fromRight);
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

    private static List<Object> atSpace(String s, int limit, boolean fromRight) {
        List<int[]> words = words(s);
        int split = Math.min(limit, words.size());
        int rest = fromRight ? words.size() - split : split; // where the part that is not split begins or ends
        List<Object> pieces = new ArrayList<>();
        for (int[] word : fromRight ? words.subList(rest, words.size()) : words.subList(0, rest)) {
            add(pieces, s.substring(word[0], word[1]));
        }
        if (split < words.size() && fromRight) {
            pieces.add(0, s.substring(0, words.get(rest - 1)[1]));
        } else if (split < words.size()) {
            pieces.add(s.substring(words.get(rest)[0]));
        }
        return pieces;
    }

    /** Start and end of every run of characters that are no white space. */
    private static List<int[]> words(String s) {
        List<int[]> words = new ArrayList<>();
        for (int end = 0, start = 0; start < s.length(); start = end + 1) {
            end = start;
            while (end < s.length() && !PythonStrings.isSpace(s.charAt(end))) {
                end++;
            }
            if (end > start) {
                Budget.listed(words.size(), 1);
                words.add(new int[] {start, end});
            }
        }
        return words;
    }
}
