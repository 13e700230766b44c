package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.operator.Arithmetic;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.text.StringQueries;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Callable;
import io.github.psft4j.jinja.value.DictView;
import io.github.psft4j.jinja.value.Functions;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Markup;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.PythonComparison;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.PythonObject;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.math.BigInteger;
import java.util.Map;
import java.util.function.Predicate;

/** The tests that may follow {@code is}. */
public final class Tests {
    private static final Functions<Object> TESTS = new Functions<>();

    static {
        comparison("==", "==", "eq", "equalto");
        comparison("!=", "!=", "ne");
        comparison("<", "<", "lt", "lessthan");
        comparison("<=", "<=", "le");
        comparison(">", ">", "gt", "greaterthan");
        comparison(">=", ">=", "ge");
        comparison("in", "in");
        TESTS.add("divisibleby", "num", (value, a) -> remains(value, a.get(0), 0));
        TESTS.add("sameas", "other", (value, a) -> same(value, a.get(0)));
        simple("odd", value -> remains(value, 2L, 1));
        simple("even", value -> remains(value, 2L, 0));
        simple("lower", value -> StringQueries.isLower(Printing.str(value)));
        simple("upper", value -> StringQueries.isUpper(Printing.str(value)));
        simple("filter", value -> Filters.exists(Printing.str(value)));
        simple("test", value -> TESTS.has(Printing.str(value)));
        simple("defined", value -> !(value instanceof Undefined));
        simple("undefined", value -> value instanceof Undefined);
        simple("none", value -> value == null);
        simple("boolean", value -> value instanceof Boolean);
        simple("true", Boolean.TRUE::equals);
        simple("false", Boolean.FALSE::equals);
        simple("integer", value -> value instanceof Long || value instanceof BigInteger);
        simple("float", value -> value instanceof Double);
        simple("number", PythonNumbers::isNumber);
        simple("string", value -> Types.text(value) != null);
        simple("mapping", value -> value instanceof Map);
        simple("sequence", Tests::isSequence);
        simple(
                "iterable",
                value -> Iteration.orNull(value) != null || Types.name(value).equals("LoopContext"));
        simple("callable", value -> value instanceof Callable || value instanceof Undefined);
        simple("escaped", value -> value instanceof Markup);
    }

    private Tests() {}

    private static void comparison(String operator, String... names) {
        for (String name : names) {
            TESTS.add(name, "other", (value, a) -> PythonComparison.holds(operator, value, a.get(0)));
        }
    }

    private static void simple(String name, Predicate<Object> test) {
        TESTS.add(name, "", (value, a) -> test.test(value));
    }

    public static boolean apply(String name, Object value, Args args) {
        TemplateError.when(!TESTS.has(name), "No test named '%s'.", name);
        return (Boolean) TESTS.call(name, value, args);
    }

    private static boolean remains(Object value, Object divisor, long rest) {
        return PythonComparison.equal(Arithmetic.binary("%", value, divisor), rest);
    }

    private static boolean isSequence(Object value) {
        return !(value instanceof DictView) && !(value instanceof PythonObject) && Iteration.lengthOrNone(value) >= 0;
    }

    /** Identity. Small ints, bools and None are the same object in Python wherever they come from. */
    private static boolean same(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) {
            return x.longValue() == y.longValue() && x >= -5 && x <= 256;
        }
        return a == b || a instanceof Boolean && a.equals(b) || a instanceof String text && text.equals(b);
    }
}
