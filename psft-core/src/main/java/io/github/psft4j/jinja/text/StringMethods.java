package io.github.psft4j.jinja.text;

import io.github.psft4j.jinja.run.RenderBudget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Callable;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Markup;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.PythonStrings;
import io.github.psft4j.jinja.value.Search;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Supplier;

/** The methods of Python's str. Indices and widths count code points. */
public final class StringMethods {
    private StringMethods() {}

    /** @return the method of that name, null if str has none */
    public static Callable find(Object self, String name) {
        Callable plain = plain(Types.text(self), name);
        if (plain == null) {
            plain = StringQueries.find(Types.text(self), name);
        }
        if (plain == null || !(self instanceof Markup)) {
            return plain;
        }
        Callable method = plain;
        return (budget, args) -> safe(method.call(budget, escaped(args)));
    }

    /** Methods of safe text escape what they are given and give safe text again. */
    private static Args escaped(Args args) {
        List<Object> values = new ArrayList<>(args.positional());
        values.replaceAll(value -> value instanceof String text ? Markup.escape(text) : value);
        return new Args(values, args.named());
    }

    private static Object safe(Object value) {
        if (value instanceof List<?> pieces) {
            List<Object> safe = new ArrayList<>();
            pieces.forEach(piece -> safe.add(safe(piece)));
            return value instanceof Tuple ? new Tuple(safe) : safe;
        }
        return value instanceof String text ? new Markup(text) : value;
    }

    private static Callable plain(String s, String name) {
        return switch (name) {
            case "upper" -> none(name, () -> PythonStrings.upper(s));
            case "lower", "casefold" -> none(name, () -> name.equals("lower") ? PythonStrings.lower(s) : casefold(s));
            case "capitalize" -> none(name, () -> PythonStrings.capitalize(s));
            case "title" -> none(name, () -> PythonStrings.title(s));
            case "swapcase" -> none(name, () -> swapcase(s));
            case "strip" -> (budget, args) -> PythonStrings.strip(s, characters(name, args));
            case "lstrip" -> (budget, args) -> PythonStrings.stripStart(s, characters(name, args));
            case "rstrip" -> (budget, args) -> PythonStrings.stripEnd(s, characters(name, args));
            case "removeprefix" ->
                (budget, args) -> {
                    String prefix = string(name, args.bind(name, "prefix")[0]);
                    return s.startsWith(prefix) ? PythonStrings.rest(s, prefix.length(), s.length()) : s;
                };
            case "removesuffix" ->
                (budget, args) -> {
                    String suffix = string(name, args.bind(name, "suffix")[0]);
                    return !suffix.isEmpty() && s.endsWith(suffix)
                            ? PythonStrings.rest(s, 0, s.length() - suffix.length())
                            : s;
                };
            case "replace" ->
                (budget, args) -> {
                    Object[] a = args.bind(name, "old", "new", "count?");
                    int count = a[2] == Args.ABSENT ? -1 : PythonNumbers.index(a[2], "count");
                    return replace(budget, s, string(name, a[0]), string(name, a[1]), count);
                };
            case "split" -> (budget, args) -> split(budget, s, name, args, false);
            case "rsplit" -> (budget, args) -> split(budget, s, name, args, true);
            case "splitlines" ->
                (budget, args) -> {
                    Object[] a = args.bind(name, "keepends?");
                    budget.made(s.length());
                    return PythonStrings.lines(s, Args.flag(a[0]));
                };
            case "partition", "rpartition" -> (budget, args) -> partition(s, name, args);
            case "join" -> (budget, args) -> join(budget, s, args.bind(name, "iterable")[0]);
            case "center", "ljust", "rjust" ->
                (budget, args) -> {
                    Object[] a = args.bind(name, "width", "fillchar?");
                    String fill = a[1] == Args.ABSENT ? " " : string(name, a[1]);
                    return pad(budget, s, name, PythonNumbers.index(a[0], "width"), fill);
                };
            case "zfill" ->
                (budget, args) -> {
                    int width = PythonNumbers.index(args.bind(name, "width")[0], "width");
                    boolean signed = s.startsWith("-") || s.startsWith("+");
                    int missing = Math.max(0, width - PythonStrings.length(s));
                    budget.made((long) missing + s.length());
                    return s.substring(0, signed ? 1 : 0) + "0".repeat(missing) + s.substring(signed ? 1 : 0);
                };
            case "expandtabs" ->
                (budget, args) -> {
                    Object size = args.bind(name, "tabsize?")[0];
                    return expandTabs(budget, s, size == Args.ABSENT ? 8 : PythonNumbers.index(size, "tabsize"));
                };
            case "encode", "maketrans", "translate" ->
                (budget, args) -> {
                    throw TemplateError.of("str." + name + " is not supported: a chat is text");
                };
            default -> null;
        };
    }

    private static Callable none(String name, Supplier<String> body) {
        return (budget, args) -> {
            args.bind(name);
            String result = body.get();
            budget.made(result.length());
            return result;
        };
    }

    public static String string(String method, Object value) {
        String text = Types.text(value);
        if (text == null) {
            throw Undefined.error(value, method + "() argument must be str, not " + Types.name(value));
        }
        return text;
    }

    private static String characters(String name, Args args) {
        Object characters = args.bind(name, "chars?")[0];
        return characters == Args.ABSENT || characters == null ? null : string(name, characters);
    }

    public static String replace(RenderBudget budget, String s, String old, String replacement, int count) {
        Search search = new Search(old);
        StringBuilder out = new StringBuilder();
        int from = 0;
        for (int done = 0; count < 0 || done < count; done++) {
            int at = search.in(s, from);
            if (old.isEmpty() && done > 0) { // between any two characters
                at = from < s.length() ? s.offsetByCodePoints(from, 1) : -1;
            }
            if (at < 0) {
                break;
            }
            budget.made((long) out.length() + s.length(), (long) at - from + replacement.length());
            out.append(s, from, at).append(replacement);
            from = at + old.length();
        }
        budget.made(out.length() + (long) s.length() - from, s.length() - from);
        return out.append(s, from, s.length()).toString();
    }

    private static List<Object> split(RenderBudget budget, String s, String name, Args args, boolean fromRight) {
        Object[] a = args.bind(name, "sep?", "maxsplit?");
        int limit = a[1] == Args.ABSENT ? -1 : PythonNumbers.index(a[1], "maxsplit");
        String separator = a[0] == Args.ABSENT || a[0] == null ? null : string(name, a[0]);
        budget.made(s.length());
        if (separator != null && separator.isEmpty()) {
            throw TemplateError.of("empty separator");
        }
        return Splitting.split(s, separator, limit < 0 ? Integer.MAX_VALUE : limit, fromRight);
    }

    private static Object partition(String s, String name, Args args) {
        String separator = string(name, args.bind(name, "sep")[0]);
        if (separator.isEmpty()) {
            throw TemplateError.of("empty separator");
        }
        boolean last = name.startsWith("r");
        int at = last ? Search.lastIn(s, separator, s.length()) : new Search(separator).in(s, 0);
        RenderBudget.wrote(s.length());
        if (at < 0) {
            return new Tuple(last ? List.of("", "", s) : List.of(s, "", ""));
        }
        return new Tuple(List.of(s.substring(0, at), separator, s.substring(at + separator.length())));
    }

    private static String join(RenderBudget budget, String separator, Object values) {
        StringBuilder out = new StringBuilder();
        Iterator<Object> items = Iteration.of(values);
        for (int i = 0; items.hasNext(); i++) {
            budget.step();
            Object item = items.next();
            String text = Types.text(item);
            if (text == null) {
                throw TemplateError.of(
                        "sequence item " + i + ": expected str instance, " + Types.name(item) + " found");
            }
            budget.made(
                    out.length() + (long) text.length() + separator.length(),
                    (long) text.length() + separator.length());
            out.append(i == 0 ? "" : separator).append(text);
        }
        return out.toString();
    }

    public static String pad(RenderBudget budget, String s, String how, int width, String fill) {
        if (PythonStrings.length(fill) != 1) {
            throw TemplateError.of("The fill character must be exactly one character long");
        }
        int missing = Math.max(0, width - PythonStrings.length(s));
        budget.made((long) s.length() + missing);
        int left = switch (how) {
            case "ljust" -> 0;
            case "rjust" -> missing;
            default -> missing / 2 + (missing & width & 1); // as CPython: an odd place goes left if the width is odd
        };
        return fill.repeat(left) + s + fill.repeat(missing - left);
    }

    private static String expandTabs(RenderBudget budget, String s, int size) {
        RenderBudget.read(4L * s.length());
        budget.made(s.length());
        StringBuilder out = new StringBuilder();
        int column = 0;
        for (int i = 0; i < s.length(); ) {
            int c = s.codePointAt(i);
            i += Character.charCount(c);
            if (c == '\t') {
                int spaces = size > 0 ? size - column % size : 0;
                budget.made((long) out.length() + spaces, spaces);
                out.append(" ".repeat(spaces));
                column += spaces;
            } else {
                out.appendCodePoint(c);
                column = c == '\n' || c == '\r' ? 0 : column + 1;
            }
        }
        return out.toString();
    }

    /** Upper case first expands what folds to several letters; the dotless i is no i. */
    private static String casefold(String s) {
        RenderBudget.read(32L * s.length());
        StringBuilder out = new StringBuilder();
        s.codePoints().forEach(c -> {
            String letter = Character.toString(c);
            out.append(
                    c == 'ı'
                            ? letter
                            : PythonStrings.lower(PythonStrings.upper(letter)).replace('ς', 'σ'));
        });
        return out.toString();
    }

    private static String swapcase(String s) {
        RenderBudget.read(32L * s.length());
        StringBuilder out = new StringBuilder();
        s.codePoints().forEach(c -> {
            String letter = Character.toString(c);
            out.append(
                    Character.isUpperCase(c)
                            ? PythonStrings.lower(letter)
                            : Character.isLowerCase(c) ? PythonStrings.upper(letter) : letter);
        });
        return out.toString();
    }

    static boolean all(String s, IntPredicate predicate) {
        RenderBudget.read(4L * s.length());
        return !s.isEmpty() && s.codePoints().allMatch(predicate);
    }
}
