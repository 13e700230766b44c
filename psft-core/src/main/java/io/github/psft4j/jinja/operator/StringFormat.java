package io.github.psft4j.jinja.operator;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.text.FormatSpec;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Markup;
import io.github.psft4j.jinja.value.NamedFunction;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.Types;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code "{} and {name[key]:>8}".format(...)}; fields are looked up as the template itself would. */
final class StringFormat {
    private static final Pattern STEP = Pattern.compile("\\.([^.\\[]+)|\\[([^\\]]+)\\]");
    private final Args args;
    private final boolean safe;
    private int automatic;

    private StringFormat(Args args, boolean safe) {
        this.args = args;
        this.safe = safe;
    }

    /** The method {@code format} or {@code format_map} of a string. */
    static Object method(Object self, String name) {
        return new NamedFunction(name, args -> {
            Args values = name.equals("format") ? args : mapped(args);
            boolean safe = self instanceof Markup;
            String text = new StringFormat(values, safe).format(Types.text(self), 2);
            return safe ? new Markup(text) : text;
        });
    }

    private static Args mapped(Args args) {
        Object mapping = args.bind("format_map", "mapping").get(0);
        TemplateError.when(!(mapping instanceof Map), "format_map() needs a mapping");
        Map<String, Object> named = new LinkedHashMap<>();
        Types.dict(mapping).forEach((key, value) -> named.put(Printing.str(key), value));
        return new Args(List.of(), named);
    }

    private String format(String pattern, int depth) {
        TemplateError.when(depth == 0, "Max string recursion exceeded");
        Budget.made(pattern.length());
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c != '{' && c != '}') {
                out.append(c);
            } else if (i + 1 < pattern.length() && pattern.charAt(i + 1) == c) {
                out.append(c);
                i++;
            } else if (c == '}') {
                throw TemplateError.of("Single '}' encountered in format string");
            } else {
                int end = fieldEnd(pattern, i + 1);
                String text = field(pattern.substring(i + 1, end), depth);
                Budget.made(out.length() + (long) text.length(), text.length());
                out.append(text);
                i = end;
            }
        }
        return out.toString();
    }

    private static int fieldEnd(String pattern, int start) {
        int open = 1;
        for (int i = start; i < pattern.length(); i++) {
            open += pattern.charAt(i) == '{' ? 1 : pattern.charAt(i) == '}' ? -1 : 0;
            if (open == 0) {
                return i;
            }
        }
        throw TemplateError.of("expected '}' before end of string");
    }

    private String field(String field, int depth) {
        int colon = field.indexOf(':');
        String name = colon < 0 ? field : field.substring(0, colon);
        String spec = colon < 0 ? "" : format(field.substring(colon + 1), depth - 1);
        String conversion = "";
        int mark = name.indexOf('!');
        if (mark >= 0) {
            conversion = name.substring(mark + 1);
            name = name.substring(0, mark);
        }
        Object value = lookUp(name);
        value = switch (conversion) {
            case "" -> value;
            case "s" -> Printing.str(value);
            case "r", "a" -> Printing.repr(value);
            default -> throw TemplateError.of("Unknown conversion specifier '" + conversion + "'");
        };
        if (value instanceof Markup markup && spec.isEmpty()) {
            return markup.text();
        }
        boolean container = value == null || value instanceof Collection || value instanceof Map;
        TemplateError.when(
                container && !spec.isEmpty(), "unsupported format string passed to %s.__format__", Types.name(value));
        String text =
                spec.isEmpty() ? Printing.str(value) : FormatSpec.parse(spec).format(value);
        return safe ? Markup.escape(text) : text;
    }

    private Object lookUp(String name) {
        Matcher step = STEP.matcher(name);
        int end = step.find() ? step.start() : name.length();
        String first = name.substring(0, end);
        TemplateError.when(
                first.isEmpty() && !name.isEmpty(), "format() needs a number or name in front of '%s'", name);
        Object value;
        if (first.isEmpty() || first.matches("[0-9]{1,8}")) {
            int index = first.isEmpty() ? automatic++ : Integer.parseInt(first);
            TemplateError.when(
                    index >= args.positional().size(),
                    "Replacement index %s out of range for positional args tuple",
                    index);
            value = args.positional().get(index);
        } else if (args.named().containsKey(first)) {
            value = args.named().get(first);
        } else {
            throw TemplateError.of("format() has no argument '" + first + "'");
        }
        for (boolean more = end < name.length(); more; more = step.find()) {
            if (step.group(1) != null) {
                value = Access.attribute(value, step.group(1));
            } else {
                String key = step.group(2);
                value = Access.item(value, key.matches("[0-9]{1,8}") ? (Object) Long.valueOf(key) : key);
            }
        }
        return value;
    }
}
