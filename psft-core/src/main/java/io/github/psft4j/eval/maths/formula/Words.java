package io.github.psft4j.eval.maths.formula;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** English words for numbers, and words that say nothing about the value of an answer. */
public final class Words {

    private static final List<String> SMALL = List.of(
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen");
    private static final List<String> TENS =
            List.of("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety");
    private static final Map<String, Long> SCALES = Map.of(
            "hundred", 100L,
            "thousand", 1_000L,
            "million", 1_000_000L,
            "billion", 1_000_000_000L,
            "trillion", 1_000_000_000_000L);
    private static final Map<String, Long> NUMBERS = new HashMap<>();

    static {
        for (int i = 0; i < SMALL.size(); i++) {
            NUMBERS.put(SMALL.get(i), (long) i);
        }
        for (int i = 0; i < TENS.size(); i++) {
            NUMBERS.put(TENS.get(i), 20L + 10 * i);
        }
    }

    /** Words around a number that do not change it. */
    public static final Set<String> FILLERS = Set.of(
            "approximately",
            "about",
            "exactly",
            "roughly",
            "around",
            "is",
            "are",
            "the",
            "a",
            "an",
            "of",
            "equals",
            "equal",
            "to",
            "be",
            "answer",
            "only",
            "just",
            "total",
            "in",
            "there",
            "value",
            "values",
            "solution",
            "solutions",
            "either",
            "both",
            "all",
            "final",
            "so",
            "therefore",
            "thus",
            "hence",
            "we",
            "have",
            "get");

    private Words() {}

    /** Whether a word is part of a number. */
    public static boolean isNumber(String word) {
        String w = word.toLowerCase(Locale.ROOT);
        return NUMBERS.containsKey(w) || SCALES.containsKey(w);
    }

    /** The factor of a word such as thousand; null if it is none. */
    public static Long scale(String word) {
        return SCALES.get(word.toLowerCase(Locale.ROOT));
    }

    /** The number that the words say together, such as "three hundred and five"; null if they say none. */
    public static Long number(List<String> words) {
        long total = 0;
        long part = 0;
        String before = "";
        boolean any = false;
        for (String word : words) {
            String w = word.toLowerCase(Locale.ROOT);
            if (w.equals("and") && any) {
                before = w;
                continue;
            }
            Long small = NUMBERS.get(w);
            Long scale = SCALES.get(w);
            if (small == null && scale == null) {
                return null;
            }
            if (small != null) {
                boolean follows = !any
                        || before.equals("and")
                        || SCALES.containsKey(before)
                        || TENS.contains(before) && small > 0 && small < 10;
                if (!follows) {
                    return null;
                }
                part += small;
            } else if (scale == 100) {
                part = (part == 0 ? 1 : part) * 100;
            } else {
                total += (part == 0 ? 1 : part) * scale;
                part = 0;
            }
            any = true;
            before = w;
        }
        return any && !before.equals("and") ? total + part : null;
    }
}
