package io.github.psft4j.jinja.text;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.PythonStrings;
import io.github.psft4j.jinja.value.Types;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Python's format specification {@code [[fill]align][sign][#][0][width][grouping][.precision][type]}.
 *
 * @param fill one character
 * @param align {@code < > = ^}, or 0 for the default of the type
 * @param sign {@code + -} or space
 * @param width least width
 * @param grouping {@code ,} or {@code _} between groups of digits, 0 for none
 * @param precision -1 if not given
 * @param type letter, 0 if not given
 */
public record FormatSpec(
        String fill, char align, char sign, boolean alternate, int width, char grouping, int precision, char type) {
    private static final Pattern SPEC = Pattern.compile(
            "(?:(.)?([<>=^]))?([-+ ]?)(#?)(0?)([0-9]*)([,_]?)" + "(?:\\.([0-9]+))?([a-zA-Z%]?)", Pattern.DOTALL);

    public static FormatSpec parse(String spec) {
        Matcher m = SPEC.matcher(spec);
        TemplateError.when(!m.matches() || m.group(6).length() > 8, "Invalid format specifier '%s'", spec);
        boolean zero = !m.group(5).isEmpty();
        char align = m.group(2) == null ? (zero ? '=' : 0) : m.group(2).charAt(0);
        return new FormatSpec(
                m.group(1) != null ? m.group(1) : zero ? "0" : " ",
                align,
                first(m.group(3), '-'),
                !m.group(4).isEmpty(),
                m.group(6).isEmpty() ? 0 : Integer.parseInt(m.group(6)),
                first(m.group(7), (char) 0),
                m.group(8) == null
                        ? -1
                        : m.group(8).length() > 5 ? 10_000 : Math.min(10_000, Integer.parseInt(m.group(8))),
                first(m.group(9), (char) 0));
    }

    private static char first(String group, char otherwise) {
        return group.isEmpty() ? otherwise : group.charAt(0);
    }

    /** {@code format(value, spec)}. */
    public String format(Object value) {
        if (value instanceof Double real) {
            return number(real(real), '>');
        }
        if (PythonNumbers.isInteger(value) && !(value instanceof Boolean && type == 0)) {
            boolean asReal = "eEfFgG%".indexOf(type) >= 0 && type != 0;
            return number(asReal ? real(PythonNumbers.real(value)) : integer(PythonNumbers.big(value)), '>');
        }
        TemplateError.when(
                type != 0 && type != 's', "Unknown format code '%s' for object of type '%s'", type, Types.name(value));
        String text = Printing.str(value);
        if (precision >= 0 && precision < PythonStrings.length(text)) {
            text = PythonStrings.part(text, 0, precision);
        }
        return pad("", text, align == 0 || align == '=' ? '<' : align);
    }

    private String number(String signed, char defaultAlign) {
        boolean negative = signed.startsWith("-");
        String prefix = negative ? "-" : sign == '-' ? "" : String.valueOf(sign);
        String digits = negative ? signed.substring(1) : signed;
        if (alternate && "xXob".indexOf(type) >= 0 && type != 0) {
            prefix += "0" + type;
        }
        return pad(prefix, grouping == 0 ? digits : grouped(digits), align == 0 ? defaultAlign : align);
    }

    private String pad(String prefix, String body, char how) {
        if (how == '=') {
            int missing = Math.max(0, width - prefix.length() - PythonStrings.length(body));
            Budget.made((long) body.length() + missing);
            return prefix + fill.repeat(missing) + body;
        }
        int missing = Math.max(0, width - PythonStrings.length(prefix + body));
        Budget.made((long) body.length() + missing);
        int left = how == '<' ? 0 : how == '>' ? missing : missing / 2;
        return fill.repeat(left) + prefix + body + fill.repeat(missing - left);
    }

    private String grouped(String digits) {
        int end = 0;
        while (end < digits.length() && Character.isDigit(digits.charAt(end))) {
            end++;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < end; i++) {
            if (i > 0 && (end - i) % 3 == 0) {
                out.append(grouping);
            }
            out.append(digits.charAt(i));
        }
        return out.append(digits, end, digits.length()).toString();
    }

    private String integer(BigInteger value) {
        PythonNumbers.charge(value, value);
        return switch (type) {
            case 0, 'd', 'n' -> value.toString();
            case 'x' -> value.toString(16);
            case 'X' -> value.toString(16).toUpperCase(Locale.ROOT);
            case 'o' -> value.toString(8);
            case 'b' -> value.toString(2);
            case 'c' -> character(value);
            default -> throw TemplateError.of("Unknown format code '" + type + "' for object of type 'int'");
        };
    }

    private static String character(BigInteger value) {
        TemplateError.when(
                value.signum() < 0 || value.bitLength() > 31 || !Character.isValidCodePoint(value.intValue()),
                "%%c arg not in range(0x110000)");
        return Character.toString(value.intValue());
    }

    private String real(double value) {
        Budget.read(PythonNumbers.DECIMAL + 16L * Math.max(0, precision));
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return PythonNumbers.print(value) + (type == '%' ? "%" : "");
        }
        return switch (type) {
            case 'f', 'F' -> fixed(value, precision < 0 ? 6 : precision);
            case '%' -> fixed(value * 100, precision < 0 ? 6 : precision) + "%";
            case 'e' -> scientific(value, precision < 0 ? 6 : precision);
            case 'E' -> scientific(value, precision < 0 ? 6 : precision).toUpperCase(Locale.ROOT);
            case 'g', 'n' -> general(value, false);
            case 'G' -> general(value, false).toUpperCase(Locale.ROOT);
            case 0 -> precision < 0 ? PythonNumbers.print(value) : general(value, true);
            default -> throw TemplateError.of("Unknown format code '" + type + "' for object of type 'float'");
        };
    }

    private static String minus(double value) {
        return value < 0 || 1 / value < 0 ? "-" : "";
    }

    static String fixed(double value, int digits) {
        return minus(value)
                + new BigDecimal(value)
                        .abs()
                        .setScale(digits, RoundingMode.HALF_EVEN)
                        .toPlainString();
    }

    private static String scientific(double value, int digits) {
        BigDecimal rounded = new BigDecimal(value).abs().round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
        String all = rounded.unscaledValue().toString();
        int exponent = value == 0 ? 0 : all.length() - rounded.scale() - 1;
        String padded = (all + "0".repeat(digits + 1)).substring(0, digits + 1);
        return minus(value) + padded.charAt(0) + (digits > 0 ? "." + padded.substring(1) : "") + "e"
                + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    private String general(double value, boolean keepPoint) {
        int digits = precision < 0 ? 6 : Math.max(1, precision);
        BigDecimal rounded = new BigDecimal(value).abs().round(new MathContext(digits, RoundingMode.HALF_EVEN));
        int exponent = value == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        if (exponent < -4 || exponent >= (keepPoint ? Math.max(1, digits - 1) : digits)) {
            String[] parts = scientific(value, digits - 1).split("e");
            return trimmed(parts[0], false) + "e" + parts[1];
        }
        String plain = rounded.setScale(Math.max(0, digits - 1 - exponent), RoundingMode.HALF_EVEN)
                .toPlainString();
        return minus(value) + trimmed(plain, keepPoint);
    }

    private String trimmed(String digits, boolean keepPoint) {
        if (alternate || !digits.contains(".")) {
            return keepPoint && !digits.contains(".") ? digits + ".0" : digits;
        }
        String stripped = PythonStrings.stripEnd(digits, "0");
        return stripped.endsWith(".") ? keepPoint ? stripped + "0" : PythonStrings.stripEnd(stripped, ".") : stripped;
    }
}
