package io.github.psft4j.jinja.text;

import io.github.psft4j.jinja.run.RenderBudget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Callable;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.PythonStrings;
import io.github.psft4j.jinja.value.Search;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;

/** Those methods of Python's str that answer a question: find, count, startswith, isdigit and the like. */
public final class StringQueries {
    private StringQueries() {}

    static Callable find(String s, String name) {
        return switch (name) {
            case "startswith", "endswith" -> (budget, args) -> affix(s, name, args);
            case "find", "rfind", "index", "rindex" -> (budget, args) -> position(s, name, args);
            case "count" -> (budget, args) -> count(s, args);
            default -> {
                Boolean answer = property(s, name);
                yield answer == null
                        ? null
                        : (budget, args) -> {
                            args.bind(name);
                            return answer;
                        };
            }
        };
    }

    private static Boolean property(String s, String name) {
        if (name.startsWith("is")) {
            RenderBudget.read(4L * s.length());
        }
        return switch (name) {
            case "isspace" -> StringMethods.all(s, PythonStrings::isSpace);
            case "isalpha" -> StringMethods.all(s, Character::isLetter);
            case "isalnum" -> StringMethods.all(s, c -> Character.isLetter(c) || isNumeric(c));
            case "isdigit" -> StringMethods.all(s, c -> Character.isDigit(c) || isSuperscript(c));
            case "isdecimal" -> StringMethods.all(s, Character::isDigit);
            case "isnumeric" -> StringMethods.all(s, StringQueries::isNumeric);
            case "isascii" -> s.chars().allMatch(c -> c < 128);
            case "isprintable" -> s.codePoints().allMatch(PythonStrings::isPrintable);
            case "isidentifier" -> isIdentifier(s);
            case "islower" -> isLower(s);
            case "isupper" -> isUpper(s);
            case "istitle" -> isTitle(s);
            default -> null;
        };
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
        return StringMethods.all(
                        s, c -> c == '_' || Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c))
                && (s.charAt(0) == '_' || Character.isUnicodeIdentifierStart(s.codePointAt(0)));
    }

    /** The part of s between optional bounds, null if there is no such part: start beyond the end. */
    private static String window(String s, Object start, Object stop, int[] offset) {
        int length = PythonStrings.length(s);
        int from = bound(start, 0, length);
        int to = Math.min(length, bound(stop, length, length));
        offset[0] = from;
        return from > to ? null : PythonStrings.part(s, from, to);
    }

    private static int bound(Object value, int absent, int length) {
        if (value == Args.ABSENT || value == null) {
            return absent;
        }
        int index = PythonNumbers.index(value, "slice index");
        return index < 0 ? Math.max(0, index + length) : index;
    }

    private static Object affix(String s, String name, Args args) {
        Object[] a = args.bind(name, "prefix", "start?", "end?");
        String part = window(s, a[1], a[2], new int[1]);
        if (a[0] instanceof Tuple several) {
            return part != null && several.stream().anyMatch(one -> matches(part, name, one));
        }
        if (Types.text(a[0]) == null && !(a[0] instanceof Undefined)) {
            throw TemplateError.of(name + " first arg must be str or a tuple of str, not " + Types.name(a[0]));
        }
        return part != null && matches(part, name, a[0]);
    }

    private static boolean matches(String part, String name, Object affix) {
        String text = StringMethods.string(name, affix);
        return name.equals("startswith") ? part.startsWith(text) : part.endsWith(text);
    }

    private static Object position(String s, String name, Args args) {
        Object[] a = args.bind(name, "sub", "start?", "end?");
        String wanted = StringMethods.string(name, a[0]);
        int[] offset = new int[1];
        String part = window(s, a[1], a[2], offset);
        int at = part == null
                ? -1
                : name.startsWith("r") ? Search.lastIn(part, wanted, part.length()) : new Search(wanted).in(part, 0);
        if (at < 0 && name.endsWith("index")) {
            throw TemplateError.of("substring not found");
        }
        return at < 0 ? -1L : (long) part.codePointCount(0, at) + offset[0];
    }

    private static Object count(String s, Args args) {
        Object[] a = args.bind("count", "sub", "start?", "end?");
        String wanted = StringMethods.string("count", a[0]);
        String part = window(s, a[1], a[2], new int[1]);
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
