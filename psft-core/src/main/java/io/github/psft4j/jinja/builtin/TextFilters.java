package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.operator.AttributePath;
import io.github.psft4j.jinja.operator.PercentFormat;
import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.text.Splitting;
import io.github.psft4j.jinja.text.StringMethods;
import io.github.psft4j.jinja.text.StringQueries;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Bound;
import io.github.psft4j.jinja.value.Dicts;
import io.github.psft4j.jinja.value.Functions;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Markup;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.PythonStrings;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Types;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Filters that make text. What was safe stays safe. */
final class TextFilters {
    private TextFilters() {}

    static void addTo(Functions<Object> filters) {
        simple(filters, "upper", PythonStrings::upper);
        simple(filters, "lower", PythonStrings::lower);
        simple(filters, "capitalize", PythonStrings::capitalize);
        simple(filters, "title", TextFilters::title);
        filters.add("trim", "chars?", (value, a) -> {
            String characters = a.or(0, null) == null ? null : Types.text("strip", a.get(0));
            return like(value, PythonStrings.strip(Printing.str(value), characters));
        });
        filters.add("replace", "old new count?", (value, a) -> {
            int count = a.or(2, null) == null ? -1 : a.index(2);
            return StringMethods.replace(Printing.str(value), Printing.str(a.get(0)), Printing.str(a.get(1)), count);
        });
        filters.add(
                "center",
                "width?",
                (value, a) -> like(value, StringMethods.pad(Printing.str(value), "center", a.index(0, 80), " ")));
        filters.add("join", "d? attribute?", TextFilters::join);
        filters.add("indent", "width? first? blank?", TextFilters::indent);
        filters.add("truncate", "length? killwords? end? leeway?", TextFilters::truncate);
        filters.add("format", "*", TextFilters::format);
        filters.add("wordcount", "", (value, a) -> words(Printing.str(value)));
        filters.add("striptags", "", (value, a) -> striptags(Printing.str(value)));
        filters.add("urlencode", "", TextFilters::urlEncode);
    }

    private static Object format(Object value, Bound a) {
        Args args = a.args();
        TemplateError.when(
                !args.positional().isEmpty() && !args.named().isEmpty(),
                "can't handle positional and keyword arguments at the same time");
        Object values = args.named().isEmpty() ? new Tuple(args.positional()) : args.named();
        return PercentFormat.format(Filters.string(value), values);
    }

    private static String striptags(String text) {
        String plain = withoutTags(text);
        Budget.made(plain.length());
        return unescape(Splitting.split(plain, null, Integer.MAX_VALUE, false).stream()
                .map(String.class::cast)
                .collect(Collectors.joining(" ")));
    }

    /** Without comments and what stands in angle brackets; an opening without its end stays. */
    private static String withoutTags(String text) {
        Budget.read(2L * text.length());
        StringBuilder out = new StringBuilder();
        int commentEnd =
                0; // the first one behind this place, -1 if there is none: looked for once, not at every opening
        int tagEnd = 0;
        for (int i = 0; i < text.length(); ) {
            if (text.charAt(i) != '<') {
                out.append(text.charAt(i++));
                continue;
            }
            boolean comment = text.startsWith("<!--", i);
            if (comment && commentEnd >= 0 && commentEnd < i + 4) {
                commentEnd = text.indexOf("-->", i + 4);
            }
            if (tagEnd >= 0 && tagEnd <= i) {
                tagEnd = text.indexOf('>', i + 1);
            }
            if (comment && commentEnd >= 0) {
                i = commentEnd + 3;
            } else if (tagEnd >= 0) {
                i = tagEnd + 1;
            } else {
                out.append(text.charAt(i++));
            }
        }
        return out.toString();
    }

    private static void simple(Functions<Object> filters, String name, UnaryOperator<String> change) {
        filters.add(name, "", (value, a) -> {
            String text = Printing.str(value);
            Budget.made(text.length());
            return like(value, change.apply(text));
        });
    }

    private static Object like(Object original, String text) {
        return original instanceof Markup ? new Markup(text) : text;
    }

    /** Runs of Python's {@code \w}, which has numbers such as "½" and no combining marks. */
    private static long words(String text) {
        Budget.read(8L * text.length());
        long words = 0;
        boolean inWord = false;
        for (int c : text.codePoints().toArray()) {
            boolean wordCharacter = c == '_' || Character.isLetter(c) || StringQueries.isNumeric(c);
            words += wordCharacter && !inWord ? 1 : 0;
            inWord = wordCharacter;
        }
        return words;
    }

    private static String title(String text) {
        Budget.read(32L * text.length());
        StringBuilder out = new StringBuilder();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (PythonStrings.isSpace(c) || "-({[<".indexOf(c) >= 0) {
                out.append(titleWord(text.substring(start, i))).append(c);
                start = i + 1;
            }
        }
        return out.append(titleWord(text.substring(start))).toString();
    }

    private static String titleWord(String word) {
        int first = word.isEmpty() ? 0 : word.offsetByCodePoints(0, 1);
        return PythonStrings.upper(word.substring(0, first)) + PythonStrings.lower(word.substring(first));
    }

    private static Object join(Object value, Bound a) {
        String separator = Printing.str(a.or(0, ""));
        AttributePath path = AttributePath.of(a.or(1, null));
        StringBuilder out = new StringBuilder();
        Iterator<Object> items = Iteration.of(value);
        for (int i = 0; items.hasNext(); i++) {
            Budget.step();
            String piece = (i == 0 ? "" : separator) + Printing.str(path.get(items.next()));
            Budget.made(out.length() + (long) piece.length(), piece.length());
            out.append(piece);
        }
        return out.toString();
    }

    private static Object indent(Object value, Bound a) {
        String indent =
                a.get(0) instanceof String text ? text : " ".repeat(Math.min(100_000, Math.max(0, a.index(0, 4))));
        boolean first = a.flag(1);
        boolean blank = a.flag(2);
        List<Object> lines = PythonStrings.lines(Types.text("indent", value) + "\n", false);
        Budget.made((long) Printing.str(value).length() + (long) lines.size() * indent.length());
        StringBuilder out = new StringBuilder(first ? indent : "");
        for (int i = 0; i < lines.size(); i++) {
            String line = (String) lines.get(i);
            out.append(i == 0 ? "" : "\n")
                    .append(i > 0 && (blank || !line.isEmpty()) ? indent : "")
                    .append(line);
        }
        return like(value, out.toString());
    }

    private static Object truncate(Object value, Bound a) {
        String end = Types.text("truncate", a.or(2, "..."));
        int length = a.index(0, 255);
        int leeway = a.or(3, null) == null ? 5 : a.index(3);
        if (length < PythonStrings.length(end) || leeway < 0) {
            throw TemplateError.of("expected length >= " + PythonStrings.length(end) + ", got " + length);
        }
        if (Iteration.length(value) <= (long) length + leeway) {
            return value;
        }
        String text = Types.text("truncate", value);
        String kept = PythonStrings.part(text, 0, length - PythonStrings.length(end));
        int space = kept.lastIndexOf(' ');
        boolean cutWord = a.flag(1) || space < 0;
        return like(value, (cutWord ? kept : kept.substring(0, space)) + end);
    }

    private static Object urlEncode(Object value, Bound a) {
        Iterator<Object> pairs = null;
        if (value instanceof Map) {
            pairs = Dicts.items(Types.dict(value)).iterator();
        } else if (Types.text(value) == null) {
            pairs = Iteration.orNull(value);
        }
        if (pairs == null) {
            return quoted(Printing.str(value), "%20", "/");
        }
        List<String> parts = new ArrayList<>();
        while (pairs.hasNext()) {
            List<Object> pair = Iteration.list(pairs.next());
            TemplateError.when(pair.size() != 2, "urlencode needs pairs");
            String key = quoted(Printing.str(pair.get(0)), "+", "%2F");
            Budget.listed(parts.size(), 1);
            parts.add(key + "=" + quoted(Printing.str(pair.get(1)), "+", "%2F"));
        }
        Budget.made(parts.stream().mapToLong(part -> part.length() + 1L).sum());
        return String.join("&", parts);
    }

    private static String quoted(String text, String space, String slash) {
        Budget.read(16L * text.length());
        Budget.made(12L * text.length()); // a character of four bytes, or two of them for one
        String form = URLEncoder.encode(text, StandardCharsets.UTF_8); // which is another standard in these points
        return form.replace("*", "%2A").replace("%7E", "~").replace("+", space).replace("%2F", slash);
    }

    private static String unescape(String text) {
        return text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&#39;", "'")
                .replace("&#34;", "\"")
                .replace("&quot;", "\"")
                .replace("&amp;", "&");
    }
}
