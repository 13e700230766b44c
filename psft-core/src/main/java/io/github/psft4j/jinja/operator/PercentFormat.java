package io.github.psft4j.jinja.operator;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.text.FormatSpec;
import io.github.psft4j.jinja.value.Dicts;
import io.github.psft4j.jinja.value.Markup;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code "%s and %(name)d" % values}. */
public final class PercentFormat {
    private static final Pattern CONVERSION = Pattern.compile(
            "%(?:\\(([^)]*)\\))?([-+ #0]*)(\\*|[0-9]{0,8})(?:\\.([0-9]{0,8}))?[hlL]?(.)", Pattern.DOTALL);

    private PercentFormat() {}

    public static Object format(Object format, Object values) {
        String pattern = Types.text(format);
        boolean safe = format instanceof Markup;
        List<?> positional = values instanceof Tuple tuple ? tuple : null;
        int used = 0;
        Budget.made(pattern.length());
        StringBuilder out = new StringBuilder();
        int end = 0;
        Matcher m = CONVERSION.matcher(pattern);
        for (int at = pattern.indexOf('%'); at >= 0; at = pattern.indexOf('%', end)) {
            TemplateError.when(!m.find(at) || m.start() != at, "incomplete format");
            out.append(pattern, end, at);
            end = m.end();
            char type = m.group(5).charAt(0);
            if (type == '%') {
                out.append('%');
                continue;
            }
            Object value;
            if (m.group(1) != null) {
                TemplateError.when(
                        !(values instanceof Map) || !Dicts.contains(Types.dict(values), m.group(1)),
                        "format requires a mapping with the key '%s'",
                        m.group(1));
                value = Dicts.get(Types.dict(values), m.group(1));
            } else if (positional == null ? used > 0 : used >= positional.size()) {
                throw TemplateError.of("not enough arguments for format string");
            } else {
                value = positional == null ? values : positional.get(used);
                used++;
            }
            String text = convert(m, type, value);
            text = safe && !(value instanceof Markup) ? Markup.escape(text) : text;
            Budget.made(out.length() + (long) text.length(), text.length());
            out.append(text);
        }
        out.append(pattern, end, pattern.length());
        // what has an index may go unused, as in CPython
        boolean indexed = values instanceof Map || values instanceof List || values instanceof Undefined;
        boolean unused = positional != null ? used < positional.size() : used == 0 && !indexed;
        TemplateError.when(unused, "not all arguments converted during string formatting");
        return safe ? new Markup(out.toString()) : out.toString();
    }

    private static String convert(Matcher m, char type, Object value) {
        String flags = m.group(2);
        TemplateError.when(m.group(3).equals("*"), "'*' in a format string is not supported");
        boolean text = "sra".indexOf(type) >= 0;
        TemplateError.when(!text && "diouxXeEfFgGc".indexOf(type) < 0, "unsupported format character '%s'", type);
        if (!text && !PythonNumbers.isNumber(value) && type != 'c') {
            throw Undefined.error(value, "%" + type + " format: a real number is required, not " + Types.name(value));
        }
        char align = flags.contains("-") ? '<' : flags.contains("0") && !text ? '=' : '>';
        char sign = flags.contains("+") ? '+' : flags.contains(" ") ? ' ' : '-';
        String precision = m.group(4);
        boolean whole = "diu".indexOf(type) >= 0;
        FormatSpec spec = new FormatSpec(
                align == '=' ? "0" : " ",
                align,
                text ? '-' : sign,
                flags.contains("#"),
                m.group(3).isEmpty() ? 0 : Integer.parseInt(m.group(3)),
                (char) 0,
                precision == null || whole
                        ? -1
                        : precision.isEmpty() ? 0 : Math.min(10_000, Integer.parseInt(precision)),
                text ? 's' : whole ? 'd' : type);
        if (text) {
            return spec.format(type == 's' ? Printing.str(value) : Printing.repr(value));
        }
        if (type == 'c' && Types.text(value) != null) {
            return Types.text(value);
        }
        Object number =
                whole && value instanceof Double real ? PythonNumbers.integer(PythonNumbers.truncated(real)) : value;
        return spec.format(number instanceof Boolean ? PythonNumbers.integer(PythonNumbers.big(number)) : number);
    }
}
