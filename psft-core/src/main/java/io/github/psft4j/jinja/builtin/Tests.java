package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.operator.Arithmetic;
import io.github.psft4j.jinja.run.RenderBudget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.text.StringQueries;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Callable;
import io.github.psft4j.jinja.value.DictView;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Markup;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.PythonComparison;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.PythonObject;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** The tests that may follow {@code is}. */
public final class Tests {
    private static final Map<String, String> OPERATORS = Map.ofEntries(
            Map.entry("eq", "=="),
            Map.entry("equalto", "=="),
            Map.entry("ne", "!="),
            Map.entry("lt", "<"),
            Map.entry("lessthan", "<"),
            Map.entry("le", "<="),
            Map.entry("gt", ">"),
            Map.entry("greaterthan", ">"),
            Map.entry("ge", ">="),
            Map.entry("==", "=="),
            Map.entry("!=", "!="),
            Map.entry("<", "<"),
            Map.entry("<=", "<="),
            Map.entry(">", ">"),
            Map.entry(">=", ">="),
            Map.entry("in", "in"));

    private Tests() {}

    static boolean exists(String name) {
        try {
            return OPERATORS.containsKey(name)
                    || List.of("odd", "even", "divisibleby", "sameas", "filter", "test", "lower", "upper")
                            .contains(name)
                    || simple(name, null) != null;
        } catch (TemplateError e) {
            return false;
        }
    }

    public static boolean apply(RenderBudget budget, String name, Object value, Args args) {
        String operator = OPERATORS.get(name);
        if (operator != null) {
            return PythonComparison.holds(budget, operator, value, args.bind(name, "other")[0]);
        }
        switch (name) {
            case "divisibleby" -> {
                return isZero(Arithmetic.binary(budget, "%", value, args.bind(name, "num")[0]));
            }
            case "sameas" -> {
                return same(value, args.bind(name, "other")[0]);
            }
            default -> {
                args.bind(name);
                return plain(budget, name, value);
            }
        }
    }

    private static boolean plain(RenderBudget budget, String name, Object value) {
        return switch (name) {
            case "odd" -> PythonComparison.equal(Arithmetic.binary(budget, "%", value, 2L), 1L);
            case "even" -> isZero(Arithmetic.binary(budget, "%", value, 2L));
            case "lower" -> StringQueries.isLower(Printing.str(value));
            case "upper" -> StringQueries.isUpper(Printing.str(value));
            case "filter" -> Filters.exists(Printing.str(value));
            case "test" -> exists(Printing.str(value));
            default -> simple(name, value);
        };
    }

    private static Boolean simple(String name, Object value) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == null;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "integer" -> value instanceof Long || value instanceof BigInteger;
            case "float" -> value instanceof Double;
            case "number" -> PythonNumbers.isNumber(value);
            case "string" -> Types.text(value) != null;
            case "mapping" -> value instanceof Map;
            case "sequence" ->
                !(value instanceof DictView) && !(value instanceof PythonObject) && Iteration.lengthOrNone(value) >= 0;
            case "iterable" ->
                Iteration.orNull(value) != null || Types.name(value).equals("LoopContext");
            case "callable" -> value instanceof Callable || value instanceof Undefined;
            case "escaped" -> value instanceof Markup;
            default -> throw TemplateError.of("No test named '" + name + "'.");
        };
    }

    private static boolean isZero(Object value) {
        return PythonComparison.equal(value, 0L);
    }

    /** Identity. Small ints, bools and None are the same object in Python wherever they come from. */
    private static boolean same(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) {
            return x.longValue() == y.longValue() && x >= -5 && x <= 256;
        }
        return a == b || a instanceof Boolean && a.equals(b) || a instanceof String text && text.equals(b);
    }
}
