package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Pattern;

/** Python's int, of any size, and float. An int is a Long where it fits, else a BigInteger; bool counts as int. */
public final class PythonNumbers {
    /** Characters that could be read while a double is made decimal, which may have hundreds of digits. */
    public static final int DECIMAL = 1 << 12;

    /** Digits of the longest number that is read from text, as CPython. */
    private static final int LONGEST = 4300;

    private static final String DIGITS = "[0-9]++(?:_[0-9]++)*+";
    private static final Pattern REAL = Pattern.compile(
            "[+-]?(?:" + DIGITS + "\\.?(?:" + DIGITS + ")?|\\." + DIGITS + ")(?:e[+-]?" + DIGITS + ")?");

    private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);

    private PythonNumbers() {}

    public static Object integer(BigInteger value) {
        return value.compareTo(MIN_LONG) >= 0 && value.compareTo(MAX_LONG) <= 0 ? (Object) value.longValue() : value;
    }

    public static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof Boolean || value instanceof BigInteger;
    }

    public static boolean isNumber(Object value) {
        return isInteger(value) || value instanceof Double;
    }

    /**
     * Charges for two integers that are about to be multiplied, divided, compared or printed. That takes the product of
     * their lengths and copies both.
     */
    public static void charge(Object a, Object b) {
        if (a instanceof BigInteger || b instanceof BigInteger) {
            long x = big(a).bitLength();
            long y = big(b).bitLength();
            Budget.read(x + y + (x * y >> 10));
        }
    }

    public static BigInteger big(Object integer) {
        if (integer instanceof BigInteger big) {
            return big;
        }
        return BigInteger.valueOf(integer instanceof Boolean flag ? (flag ? 1 : 0) : (Long) integer);
    }

    public static double real(Object number) {
        if (number instanceof Double real) {
            return real;
        }
        double value = big(number).doubleValue();
        TemplateError.when(Double.isInfinite(value), "int too large to convert to float");
        return value;
    }

    /** @return an int for a length, width or index, cut to the range of a Java int */
    public static int index(Object value, String what) {
        if (!isInteger(value)) {
            throw Undefined.error(value, what + " must be an integer, not " + Types.name(value));
        }
        BigInteger big = big(value);
        return big.bitLength() < 32 ? big.intValue() : big.signum() * Integer.MAX_VALUE;
    }

    /** {@code int(value)} of a float. */
    public static BigInteger truncated(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw TemplateError.of("cannot convert float " + print(value) + " to integer");
        }
        return new BigDecimal(value).toBigInteger();
    }

    /** Shortest decimal that gives the same double, in Python's form. */
    public static String print(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        Budget.read(DECIMAL);
        BigDecimal shortest = shortest(value);
        String digits = shortest.unscaledValue().abs().toString();
        int exponent = digits.length() - shortest.scale() - 1;
        String sign = value < 0 ? "-" : "";
        if (exponent >= -4 && exponent < 16) {
            String plain = shortest.abs().toPlainString();
            return sign + (plain.contains(".") ? plain : plain + ".0");
        }
        String mantissa = digits.charAt(0) + (digits.length() > 1 ? "." + digits.substring(1) : "");
        return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "")
                + Math.abs(exponent);
    }

    /** Double.toString of Java 17 has digits to spare for some values. */
    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; digits < 17; digits++) {
            BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (rounded.doubleValue() == value) {
                return rounded.stripTrailingZeros();
            }
        }
        return exact.round(new MathContext(17, RoundingMode.HALF_EVEN)).stripTrailingZeros();
    }

    /** {@code int(text, base)}; null if it is no number. */
    public static Object parseInteger(String literal, int base) {
        String text = PythonStrings.strip(literal, null);
        if (text.length() > LONGEST) {
            return null;
        }
        Budget.read((long) text.length() * text.length() >> 4);
        boolean negative = text.startsWith("-");
        String digits = negative || text.startsWith("+") ? text.substring(1) : text;
        String prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "-";
        if (digits.regionMatches(true, 0, prefix, 0, 2)) {
            digits = digits.substring(2);
        }
        if (!digits.matches("[0-9a-zA-Z]++(?:_[0-9a-zA-Z]++)*+")) {
            return null;
        }
        try {
            BigInteger value = new BigInteger(digits.replace("_", ""), base);
            return integer(negative ? value.negate() : value);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** {@code float(text)}; null if it is no number. */
    public static Double parseReal(String literal) {
        String stripped = PythonStrings.strip(literal, null);
        if (stripped.length() > LONGEST) {
            return null;
        }
        Budget.read(16L * stripped.length());
        String text = stripped.toLowerCase(Locale.ROOT);
        if (text.matches("[+-]?(inf|infinity)")) {
            return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (text.matches("[+-]?nan")) {
            return Double.NaN;
        }
        return REAL.matcher(text).matches() ? Double.valueOf(text.replace("_", "")) : null;
    }
}
