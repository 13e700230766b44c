package io.github.psft4j.jinja.text;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Bound;
import io.github.psft4j.jinja.value.Functions;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Markup;
import io.github.psft4j.jinja.value.NamedFunction;
import io.github.psft4j.jinja.value.PythonStrings;
import io.github.psft4j.jinja.value.Search;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Types;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.UnaryOperator;

/** The methods of Python's str. Indices and widths count code points. */
public final class StringMethods {
    private static final Functions<String> METHODS = new Functions<>();

    static {
        simple("upper", PythonStrings::upper);
        simple("lower", PythonStrings::lower);
        simple("casefold", StringMethods::casefold);
        simple("capitalize", PythonStrings::capitalize);
        simple("title", PythonStrings::title);
        simple("swapcase", StringMethods::swapcase);
        METHODS.add("strip", "chars?", (s, a) -> PythonStrings.strip(s, a.textOrNull(0)));
        METHODS.add("lstrip", "chars?", (s, a) -> PythonStrings.stripStart(s, a.textOrNull(0)));
        METHODS.add("rstrip", "chars?", (s, a) -> PythonStrings.stripEnd(s, a.textOrNull(0)));
        METHODS.add("removeprefix", "prefix", (s, a) -> {
            int from = s.startsWith(a.text(0)) ? a.text(0).length() : 0;
            return PythonStrings.rest(s, from, s.length());
        });
        METHODS.add("removesuffix", "suffix", (s, a) -> {
            int cut = s.endsWith(a.text(0)) ? a.text(0).length() : 0;
            return PythonStrings.rest(s, 0, s.length() - cut);
        });
        METHODS.add("replace", "old new count?", (s, a) -> replace(s, a.text(0), a.text(1), a.index(2, -1)));
        METHODS.add("split", "sep? maxsplit?", (s, a) -> split(s, a, false));
        METHODS.add("rsplit", "sep? maxsplit?", (s, a) -> split(s, a, true));
        METHODS.add("splitlines", "keepends?", (s, a) -> PythonStrings.lines(s, a.flag(0)));
        METHODS.add("partition", "sep", (s, a) -> partition(s, a.text(0), false));
        METHODS.add("rpartition", "sep", (s, a) -> partition(s, a.text(0), true));
        METHODS.add("join", "iterable", (s, a) -> join(s, a.get(0)));
        for (String how : List.of("center", "ljust", "rjust")) {
            METHODS.add(how, "width fillchar?", (s, a) -> pad(s, how, a.index(0), Types.text(how, a.or(1, " "))));
        }
        METHODS.add("zfill", "width", (s, a) -> zfill(s, a.index(0)));
        METHODS.add("expandtabs", "tabsize?", (s, a) -> expandTabs(s, a.index(0, 8)));
        for (String bytes : List.of("encode", "maketrans", "translate")) {
            METHODS.add(bytes, "*", (s, a) -> {
                throw TemplateError.of("str." + bytes + " is not supported: a chat is text");
            });
        }
        StringQueries.addTo(METHODS);
    }

    private StringMethods() {}

    private static void simple(String name, UnaryOperator<String> change) {
        METHODS.add(name, "", (s, a) -> {
            String result = change.apply(s);
            Budget.made(result.length());
            return result;
        });
    }

    /** @return the method of that name, {@link Args#ABSENT} if str has none */
    public static Object find(Object self, String name) {
        String text = Types.text(self);
        if (self instanceof Markup && METHODS.has(name)) {
            return new NamedFunction(name, args -> safe(METHODS.call(name, text, escaped(args))));
        }
        return METHODS.method(text, name);
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

    private static String zfill(String s, int width) {
        int sign = s.startsWith("-") || s.startsWith("+") ? 1 : 0;
        int missing = Math.max(0, width - PythonStrings.length(s));
        Budget.made((long) missing + s.length());
        return s.substring(0, sign) + "0".repeat(missing) + s.substring(sign);
    }

    public static String replace(String s, String old, String replacement, int count) {
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
            Budget.made((long) out.length() + s.length(), (long) at - from + replacement.length());
            out.append(s, from, at).append(replacement);
            from = at + old.length();
        }
        Budget.made(out.length() + (long) s.length() - from, s.length() - from);
        return out.append(s, from, s.length()).toString();
    }

    private static List<Object> split(String s, Bound a, boolean fromRight) {
        int limit = a.index(1, -1);
        String separator = a.textOrNull(0);
        Budget.made(s.length());
        TemplateError.when(separator != null && separator.isEmpty(), "empty separator");
        return Splitting.split(s, separator, limit < 0 ? Integer.MAX_VALUE : limit, fromRight);
    }

    private static Object partition(String s, String separator, boolean last) {
        TemplateError.when(separator.isEmpty(), "empty separator");
        int at = last ? Search.lastIn(s, separator, s.length()) : new Search(separator).in(s, 0);
        Budget.made(s.length());
        if (at < 0) {
            return new Tuple(last ? List.of("", "", s) : List.of(s, "", ""));
        }
        return new Tuple(List.of(s.substring(0, at), separator, s.substring(at + separator.length())));
    }

    private static String join(String separator, Object values) {
        StringBuilder out = new StringBuilder();
        Iterator<Object> items = Iteration.of(values);
        for (int i = 0; items.hasNext(); i++) {
            Budget.step();
            Object item = items.next();
            String text = Types.text(item);
            TemplateError.when(text == null, "sequence item %s: expected str instance, %s found", i, Types.name(item));
            Budget.made(
                    out.length() + (long) text.length() + separator.length(),
                    (long) text.length() + separator.length());
            out.append(i == 0 ? "" : separator).append(text);
        }
        return out.toString();
    }

    public static String pad(String s, String how, int width, String fill) {
        TemplateError.when(PythonStrings.length(fill) != 1, "The fill character must be exactly one character long");
        int missing = Math.max(0, width - PythonStrings.length(s));
        Budget.made((long) s.length() + missing);
        int left = switch (how) {
            case "ljust" -> 0;
            case "rjust" -> missing;
            default -> missing / 2 + (missing & width & 1); // as CPython: an odd place goes left if the width is odd
        };
        return fill.repeat(left) + s + fill.repeat(missing - left);
    }

    private static String expandTabs(String s, int size) {
        Budget.read(4L * s.length());
        Budget.made(s.length());
        StringBuilder out = new StringBuilder();
        int column = 0;
        for (int i = 0; i < s.length(); ) {
            int c = s.codePointAt(i);
            i += Character.charCount(c);
            if (c == '\t') {
                int spaces = size > 0 ? size - column % size : 0;
                Budget.made((long) out.length() + spaces, spaces);
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
        Budget.read(32L * s.length());
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
        Budget.read(32L * s.length());
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
}
