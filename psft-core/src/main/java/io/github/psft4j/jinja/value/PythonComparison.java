package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** {@code ==}, {@code <} and the like, {@code in}. */
public final class PythonComparison {
    private PythonComparison() {}

    public static boolean holds(String operator, Object left, Object right) {
        return switch (operator) {
            case "==" -> equal(left, right);
            case "!=" -> !equal(left, right);
            case "in" -> contains(right, left);
            case "not in" -> !contains(right, left);
            default -> ordered(operator, left, right);
        };
    }

    static boolean ordered(String operator, Object left, Object right) {
        if (left instanceof Double a && a.isNaN() || right instanceof Double b && b.isNaN()) {
            return false;
        }
        int order = order(operator, left, right);
        return switch (operator) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    public static boolean equal(Object a, Object b) {
        Budget.step();
        if (a == b) {
            return !(a instanceof Double real && real.isNaN());
        }
        if (a == null || b == null) {
            return false;
        }
        if (PythonNumbers.isNumber(a) && PythonNumbers.isNumber(b)) {
            return sameNumber(a, b);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            return (a instanceof Tuple) == (b instanceof Tuple)
                    && (a instanceof Range) == (b instanceof Range)
                    && sameItems(x, y);
        }
        if (a instanceof Map && b instanceof Map) {
            return sameEntries(Types.dict(a), Types.dict(b));
        }
        String text = Types.text(a);
        String other = Types.text(b);
        if (text == null || other == null) {
            return text == null && a.equals(b);
        }
        Budget.read(text.length() == other.length() ? text.length() >> 2 : 0);
        return text.equals(other);
    }

    private static boolean sameNumber(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) {
            return x.longValue() == y.longValue();
        }
        if (isSpecial(a) || isSpecial(b)) {
            return a instanceof Double x && b instanceof Double y && x.doubleValue() == y;
        }
        return compare(a, b) == 0;
    }

    private static boolean isSpecial(Object number) {
        return number instanceof Double real && (real.isNaN() || real.isInfinite());
    }

    private static int compare(Object a, Object b) {
        if (a instanceof Double || b instanceof Double) {
            Budget.read(PythonNumbers.DECIMAL);
        }
        return decimal(a).compareTo(decimal(b));
    }

    private static BigDecimal decimal(Object number) {
        return number instanceof Double real ? new BigDecimal(real) : new BigDecimal(PythonNumbers.big(number));
    }

    private static boolean sameItems(List<?> a, List<?> b) {
        if (a.size() != b.size()) {
            return false;
        }
        Iterator<?> other = b.iterator();
        for (Object item : a) {
            if (!equal(item, other.next())) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameEntries(Map<Object, Object> a, Map<Object, Object> b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (Map.Entry<Object, Object> entry : a.entrySet()) {
            if (!Dicts.contains(b, entry.getKey()) || !equal(entry.getValue(), Dicts.get(b, entry.getKey()))) {
                return false;
            }
        }
        return true;
    }

    /** @throws TemplateError if the two have no order */
    public static int order(String operator, Object a, Object b) {
        Budget.step();
        if (PythonNumbers.isNumber(a) && PythonNumbers.isNumber(b)) {
            return isSpecial(a) || isSpecial(b)
                    ? Double.compare(PythonNumbers.real(a), PythonNumbers.real(b))
                    : compare(a, b);
        }
        String x = Types.text(a);
        String y = Types.text(b);
        if (x != null && y != null) {
            return order(x, y);
        }
        if (a instanceof List<?> p && b instanceof List<?> q && a instanceof Tuple == b instanceof Tuple) {
            for (int i = 0; i < Math.min(p.size(), q.size()); i++) {
                if (!equal(p.get(i), q.get(i))) {
                    return order(operator, p.get(i), q.get(i));
                }
            }
            return Integer.compare(p.size(), q.size());
        }
        throw Undefined.error(
                a instanceof Undefined ? a : b,
                "'" + operator + "' not supported between instances of '" + Types.name(a) + "' and '" + Types.name(b)
                        + "'");
    }

    /** By code points: String.compareTo would sort what is beyond the basic plane before U+E000. */
    private static int order(String a, String b) {
        Budget.read(Math.min(a.length(), b.length()));
        int i = 0;
        while (i < a.length() && i < b.length()) {
            int x = a.codePointAt(i);
            int y = b.codePointAt(i);
            if (x != y) {
                return Integer.compare(x, y);
            }
            i += Character.charCount(x);
        }
        return Integer.compare(a.length(), b.length());
    }

    static boolean contains(Object container, Object item) {
        String text = Types.text(container);
        if (text != null) {
            String part = Types.text(item);
            TemplateError.when(part == null, "'in <string>' requires string as left operand, not %s", Types.name(item));
            Budget.step();
            return new Search(part).in(text, 0) >= 0;
        }
        if (container instanceof Map) {
            return Dicts.contains(Types.dict(container), item);
        }
        Iterator<Object> items = Iteration.orNull(container);
        TemplateError.when(items == null, "argument of type '%s' is not iterable", Types.name(container));
        while (items.hasNext()) {
            Budget.step();
            if (equal(items.next(), item)) {
                return true;
            }
        }
        return false;
    }
}
