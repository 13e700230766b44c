package io.github.psft4j.eval.maths.formula;

import java.math.BigInteger;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Written numbers beyond plain digits: other bases, exponents of ten, periods. */
public final class Numerals {

    private static final int MAX_EXPONENT = 5_000;

    private static final Map<String, Integer> NAMED = Map.ofEntries(
            Map.entry("two", 2),
            Map.entry("three", 3),
            Map.entry("four", 4),
            Map.entry("five", 5),
            Map.entry("six", 6),
            Map.entry("seven", 7),
            Map.entry("eight", 8),
            Map.entry("nine", 9),
            Map.entry("ten", 10),
            Map.entry("eleven", 11),
            Map.entry("twelve", 12),
            Map.entry("sixteen", 16));

    private static final Pattern BASED =
            Pattern.compile("\\(?([0-9A-Z]{1,200})(?:\\.([0-9A-Z]{1,50}))?\\)?_(?:\\{\\s*(?:\\\\(?:text"
                    + "|mathrm)\\{\\s*)?([0-9a-z]{1,7})\\s*\\}?\\s*\\}"
                    + "|([0-9]{1,2}))(?![0-9])");
    private static final Pattern PERIOD = Pattern.compile("\\\\(?:overline|bar)\\s*(?:\\{(\\d{1,50})\\}|(\\d))");
    private static final Pattern DOTS = Pattern.compile("\\s*(?:\\.\\.\\.|\\\\[lc]?dots)");
    private static final Pattern EXPONENT = Pattern.compile("[eE][+-]?\\d{1,5}(?![0-9a-zA-Z.])");

    private Numerals() {}

    /** The end of a number with its base, such as {@code 52_8}, that starts here; 0 if none does. */
    public static int based(String s, int from) {
        Matcher m = BASED.matcher(s).region(from, Math.min(s.length(), from + 300));
        return m.lookingAt() && read(m) != null ? m.end() : 0;
    }

    /** The value in the form numerator/denominator. */
    public static String value(String text) {
        Matcher m = BASED.matcher(text);
        if (!m.matches()) {
            throw new Unreadable("no number in a base");
        }
        Rational value = read(m);
        return value.n() + "/" + value.d();
    }

    private static Rational read(Matcher m) {
        String name = m.group(3) != null ? m.group(3) : m.group(4);
        Integer base = name.matches("\\d{1,2}") ? Integer.valueOf(name) : NAMED.get(name);
        if (base == null || base < 2 || base > 36) {
            return null;
        }
        String tail = m.group(2) == null ? "" : m.group(2);
        try {
            BigInteger digits = new BigInteger(m.group(1) + tail, base);
            return new Rational(digits, BigInteger.valueOf(base).pow(tail.length()));
        } catch (NumberFormatException e) {
            return null; // a digit that the base does not have: a name with an index
        }
    }

    /** The end of a period behind decimals: an overlined part, or dots behind digits that repeat. */
    public static int period(String s, int from) {
        Matcher m = PERIOD.matcher(s).region(from, s.length());
        if (m.lookingAt()) {
            return m.end();
        }
        Matcher dots = DOTS.matcher(s).region(from, s.length());
        return dots.lookingAt() && s.charAt(from - 1) != '.' ? dots.end() : from;
    }

    /** The value of decimals with a period. */
    public static String repeating(String digits, String period) {
        Matcher m = PERIOD.matcher(period);
        String fixed = digits;
        String again;
        if (m.matches()) {
            again = m.group(1) == null ? m.group(2) : m.group(1);
        } else {
            int point = digits.indexOf('.');
            String tail = digits.substring(point + 1);
            again = repeated(tail);
            if (again == null) {
                return digits + "e0"; // dots without a period: the decimals as they stand
            }
        }
        int places = fixed.length() - fixed.indexOf('.') - 1;
        Rational start =
                Rational.decimal((fixed.startsWith(".") ? "0" : "") + fixed + (fixed.endsWith(".") ? "0" : ""));
        BigInteger nines = BigInteger.TEN.pow(again.length()).subtract(BigInteger.ONE);
        Rational rest = new Rational(new BigInteger(again), nines.multiply(BigInteger.TEN.pow(Math.max(0, places))));
        Rational sum = start.plus(rest);
        return sum.n() + "/" + sum.d();
    }

    /** The shortest end that stands there at least twice, three times if it is one digit; null if none does. */
    private static String repeated(String tail) {
        for (int k = 1; k <= tail.length() / 2 && k <= 30; k++) {
            String end = tail.substring(tail.length() - k);
            int times = 1;
            int at = tail.length() - 2 * k;
            while (at >= 0 && tail.startsWith(end, at)) {
                times++;
                at -= k;
            }
            if (times >= (k == 1 ? 3 : 2)) {
                return end;
            }
        }
        return null;
    }

    /** The end of an exponent such as {@code e-3} that starts here; the start if there is none. */
    public static int exponent(String s, int from) {
        Matcher m = EXPONENT.matcher(s).region(from, s.length());
        m.useTransparentBounds(true);
        return m.lookingAt() ? m.end() : from;
    }

    /** A number that {@link Lexer} has left as n/d or as decimals with an exponent. */
    public static Expr.Num num(String text) {
        int slash = text.indexOf('/');
        if (slash >= 0) {
            return Expr.Num.of(
                    new Rational(new BigInteger(text.substring(0, slash)), new BigInteger(text.substring(slash + 1))));
        }
        int e = text.indexOf('e');
        if (e < 0) {
            return scaled(text, 0);
        }
        return scaled(text.substring(0, e), Integer.parseInt(text.substring(e + 1)));
    }

    /** Decimals times a power of ten, with the unit of the last digit. */
    public static Expr.Num scaled(String decimals, int exponent) {
        if (Math.abs(exponent) > MAX_EXPONENT) {
            throw new Unreadable("an exponent beyond " + MAX_EXPONENT);
        }
        String digits = decimals.startsWith(".") ? "0" + decimals : decimals;
        Rational ten = Rational.of(10).pow(exponent);
        int point = digits.indexOf('.');
        Rational value = Rational.decimal(digits).times(ten);
        if (point < 0) {
            return Expr.Num.of(value);
        }
        int places = digits.length() - point - 1;
        String significant = digits.replace(".", "").replaceFirst("^0+", "");
        return new Expr.Num(value, Rational.of(10).pow(exponent - places), significant.length());
    }
}
