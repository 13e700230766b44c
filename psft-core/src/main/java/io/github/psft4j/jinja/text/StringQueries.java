package io.github.psft4j.jinja.text;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Bound;
import io.github.psft4j.jinja.value.Functions;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.PythonStrings;
import io.github.psft4j.jinja.value.Search;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** Those methods of Python's str that answer a question: find, count, startswith, isdigit and the like. */
public final class StringQueries {
    private StringQueries() {}

    static void addTo(Functions<String> methods) {
        methods.add("startswith", "prefix start? end?", (s, a) -> affix(s, a, String::startsWith));
        methods.add("endswith", "prefix start? end?", (s, a) -> affix(s, a, String::endsWith));
        for (String name : List.of("find", "rfind", "index", "rindex")) {
            methods.add(name, "sub start? end?", (s, a) -> position(s, name, a));
        }
        methods.add("count", "sub start? end?", StringQueries::count);
        property(methods, "isspace", s -> all(s, PythonStrings::isSpace));
        property(methods, "isalpha", s -> all(s, Character::isLetter));
        property(methods, "isalnum", s -> all(s, c -> Character.isLetter(c) || isNumeric(c)));
        property(methods, "isdigit", s -> all(s, c -> Character.isDigit(c) || isSuperscript(c)));
        property(methods, "isdecimal", s -> all(s, Character::isDigit));
        property(methods, "isnumeric", s -> all(s, StringQueries::isNumeric));
        property(methods, "isascii", s -> s.chars().allMatch(c -> c < 128));
        property(methods, "isprintable", s -> s.codePoints().allMatch(PythonStrings::isPrintable));
        property(methods, "isidentifier", StringQueries::isIdentifier);
        property(methods, "islower", StringQueries::isLower);
        property(methods, "isupper", StringQueries::isUpper);
        property(methods, "istitle", StringQueries::isTitle);
    }

    private static void property(Functions<String> methods, String name, Predicate<String> test) {
        methods.add(name, "", (s, a) -> {
            Budget.read(8L * s.length());
            return test.test(s);
        });
    }

    private static boolean all(String s, IntPredicate predicate) {
        return !s.isEmpty() && s.codePoints().allMatch(predicate);
    }

    public static boolean isLower(String s) {
        return s.codePoints().anyMatch(Character::isLowerCase)
                && s.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    public static boolean isUpper(String s) {
        return s.codePoints().anyMatch(Character::isUpperCase)
                && s.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }

    private static boolean isTitle(String s) {
        boolean inWord = false;
        boolean found = false;
        for (int c : s.codePoints().toArray()) {
            boolean upper = Character.isUpperCase(c) || Character.isTitleCase(c);
            if (upper && inWord || Character.isLowerCase(c) && !inWord) {
                return false;
            }
            inWord = PythonStrings.isCased(c);
            found |= inWord;
        }
        return found;
    }

    public static boolean isNumeric(int c) {
        int type = Character.getType(c);
        return type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER;
    }

    private static boolean isSuperscript(int c) {
        return c == 0xb2
                || c == 0xb3
                || c == 0xb9
                || c == 0x2070
                || c >= 0x2074 && c <= 0x2079
                || c >= 0x2080 && c <= 0x2089
                || c >= 0x2460 && c <= 0x2468;
    }

    private static boolean isIdentifier(String s) {
        return all(s, c -> c == '_' || Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c))
                && (s.charAt(0) == '_' || Character.isUnicodeIdentifierStart(s.codePointAt(0)));
    }

    /** The part of s between optional bounds, null if there is no such part: start beyond the end. */
    private static String window(String s, Bound a, int[] offset) {
        int length = PythonStrings.length(s);
        int from = bound(a.or(1, null), 0, length);
        int to = Math.min(length, bound(a.or(2, null), length, length));
        offset[0] = from;
        return from > to ? null : PythonStrings.part(s, from, to);
    }

    private static int bound(Object value, int absent, int length) {
        if (value == null) {
            return absent;
        }
        int index = PythonNumbers.index(value, "slice index");
        return index < 0 ? Math.max(0, index + length) : index;
    }

    private static Object affix(String s, Bound a, BiPredicate<String, String> test) {
        String part = window(s, a, new int[1]);
        List<Object> affixes = a.get(0) instanceof Tuple several ? several : Arrays.asList(a.get(0));
        TemplateError.when(
                Types.text(a.get(0)) == null && !(a.get(0) instanceof Tuple) && !(a.get(0) instanceof Undefined),
                "%s first arg must be str or a tuple of str, not %s",
                a.function(),
                Types.name(a.get(0)));
        return part != null && affixes.stream().anyMatch(affix -> test.test(part, Types.text(a.function(), affix)));
    }

    private static Object position(String s, String name, Bound a) {
        String wanted = a.text(0);
        int[] offset = new int[1];
        String part = window(s, a, offset);
        int at = part == null
                ? -1
                : name.startsWith("r") ? Search.lastIn(part, wanted, part.length()) : new Search(wanted).in(part, 0);
        TemplateError.when(at < 0 && name.endsWith("index"), "substring not found");
        return at < 0 ? -1L : (long) part.codePointCount(0, at) + offset[0];
    }

    private static Object count(String s, Bound a) {
        String wanted = a.text(0);
        String part = window(s, a, new int[1]);
        if (part == null) {
            return 0L;
        }
        if (wanted.isEmpty()) {
            return PythonStrings.length(part) + 1L;
        }
        long count = 0;
        Search search = new Search(wanted);
        for (int at = search.in(part, 0); at >= 0; at = search.in(part, at + wanted.length())) {
            count++;
        }
        return count;
    }
}
