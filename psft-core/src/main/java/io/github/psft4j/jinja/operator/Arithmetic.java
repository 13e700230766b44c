package io.github.psft4j.jinja.operator;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Markup;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.Range;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** {@code + - * / // % **} with Python's meaning for numbers, strings and lists. */
public final class Arithmetic {
    private static final int MAX_BITS = 1 << 16;

    private Arithmetic() {}

    public static Object unary(boolean negative, Object value) {
        if (value instanceof Double real) {
            return negative ? -real : real;
        }
        if (value instanceof BigInteger) {
            PythonNumbers.charge(value, value);
        }
        if (PythonNumbers.isInteger(value)) {
            return PythonNumbers.integer(negative ? PythonNumbers.big(value).negate() : PythonNumbers.big(value));
        }
        throw Undefined.error(
                value, "bad operand type for unary " + (negative ? "-" : "+") + ": '" + Types.name(value) + "'");
    }

    public static Object binary(String operator, Object a, Object b) {
        boolean sum = operator.equals("+") || operator.equals("-");
        if (sum
                && a instanceof Long x
                && b instanceof Long y
                && Math.abs(x / 2) < 1 << 30
                && Math.abs(y / 2) < 1 << 30) {
            return operator.equals("+") ? x + y : x - y;
        }
        if (operator.equals("%") && Types.text(a) != null) {
            return PercentFormat.format(a, b);
        }
        if (PythonNumbers.isNumber(a) && PythonNumbers.isNumber(b)) {
            return PythonNumbers.isInteger(a) && PythonNumbers.isInteger(b)
                    ? integers(operator, PythonNumbers.big(a), PythonNumbers.big(b))
                    : (Object) reals(operator, PythonNumbers.real(a), PythonNumbers.real(b));
        }
        Object result = switch (operator) {
            case "+" -> plus(a, b);
            case "*" -> times(a, b);
            default -> null;
        };
        if (result != null) {
            return result;
        }
        throw Undefined.error(
                a instanceof Undefined ? a : b,
                "unsupported operand type(s) for " + operator + ": '" + Types.name(a) + "' and '" + Types.name(b)
                        + "'");
    }

    private static Object plus(Object a, Object b) {
        String x = Types.text(a);
        String y = Types.text(b);
        if (x != null && y != null) {
            Budget.made((long) x.length() + y.length());
            return a instanceof Markup || b instanceof Markup
                    ? new Markup(Markup.escaped(a) + Markup.escaped(b))
                    : x + y;
        }
        boolean lists = a instanceof List
                && b instanceof List
                && a instanceof Tuple == b instanceof Tuple
                && !(a instanceof Range)
                && !(b instanceof Range);
        if (!lists) {
            return null;
        }
        Budget.listed((long) ((List<?>) a).size() + ((List<?>) b).size());
        List<Object> joined = new ArrayList<>(Types.list(a));
        joined.addAll(Types.list(b));
        return a instanceof Tuple ? new Tuple(joined) : joined;
    }

    private static Object times(Object a, Object b) {
        if (PythonNumbers.isInteger(a) && !PythonNumbers.isInteger(b)) {
            return times(b, a);
        }
        if (!PythonNumbers.isInteger(b)) {
            return null;
        }
        int count = Math.max(0, PythonNumbers.index(b, "count"));
        String text = Types.text(a);
        if (text != null) {
            Budget.made((long) text.length() * count);
            return a instanceof Markup ? new Markup(text.repeat(count)) : text.repeat(count);
        }
        if (!(a instanceof List) || a instanceof Range) {
            return null;
        }
        Budget.listed((long) ((List<?>) a).size() * count);
        List<Object> repeated = new ArrayList<>();
        for (int i = 0; i < count && !((List<?>) a).isEmpty(); i++) {
            repeated.addAll(Types.list(a));
        }
        return a instanceof Tuple ? new Tuple(repeated) : repeated;
    }

    private static Object integers(String operator, BigInteger a, BigInteger b) {
        PythonNumbers.charge(a, b);
        if (b.signum() == 0 && "//%".contains(operator)) {
            throw TemplateError.of(operator.equals("/") ? "division by zero" : "integer division or modulo by zero");
        }
        return switch (operator) {
            case "+" -> PythonNumbers.integer(a.add(b));
            case "-" -> PythonNumbers.integer(a.subtract(b));
            case "*" -> {
                checkSize(a.bitLength() + (long) b.bitLength());
                yield PythonNumbers.integer(a.multiply(b));
            }
            case "/" -> PythonNumbers.real(a) / PythonNumbers.real(b);
            case "//" -> PythonNumbers.integer(floor(a, b));
            case "%" -> PythonNumbers.integer(a.subtract(floor(a, b).multiply(b)));
            default -> power(a, b);
        };
    }

    private static BigInteger floor(BigInteger a, BigInteger b) {
        BigInteger[] parts = a.divideAndRemainder(b);
        boolean below = parts[1].signum() != 0 && parts[1].signum() != b.signum();
        return below ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static Object power(BigInteger a, BigInteger b) {
        if (b.signum() < 0) {
            return reals("**", PythonNumbers.real(a), PythonNumbers.real(b));
        }
        if (a.bitLength() <= 1 && a.abs().bitLength() <= 1) {
            boolean even = !b.testBit(0);
            return PythonNumbers.integer(b.signum() == 0 ? BigInteger.ONE : even ? a.multiply(a) : a);
        }
        checkSize(b.bitLength() > 30 ? Long.MAX_VALUE : (long) a.bitLength() * b.intValue());
        Budget.read((long) a.bitLength() * b.intValue()); // its square, as of any other product, by the kilobit
        return PythonNumbers.integer(a.pow(b.intValue()));
    }

    private static void checkSize(long bits) {
        TemplateError.when(bits > MAX_BITS, "an integer of %s bits is beyond the limit of %s", bits, MAX_BITS);
    }

    private static double reals(String operator, double a, double b) {
        if (b == 0 && "//%".contains(operator)) {
            throw TemplateError.of(
                    operator.equals("/") ? "float division by zero" : "float floor division or modulo by zero");
        }
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.rint((a - modulo(a, b)) / b);
            case "%" -> modulo(a, b);
            default -> power(a, b);
        };
    }

    private static double modulo(double a, double b) {
        double rest = a % b;
        if (rest != 0) {
            return rest < 0 != b < 0 ? rest + b : rest;
        }
        return Math.copySign(0.0, b);
    }

    private static double power(double a, double b) {
        TemplateError.when(a == 0 && b < 0, "0.0 cannot be raised to a negative power");
        double value = a == 1 ? 1 : Math.pow(a, b);
        TemplateError.when(
                Double.isInfinite(value) && !Double.isInfinite(a) && !Double.isInfinite(b),
                "Numerical result out of range");
        TemplateError.when(
                Double.isNaN(value) && !Double.isNaN(a) && !Double.isNaN(b), "complex numbers are not supported");
        return value;
    }
}
