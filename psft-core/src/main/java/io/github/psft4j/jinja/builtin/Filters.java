package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.operator.Access;
import io.github.psft4j.jinja.operator.Arithmetic;
import io.github.psft4j.jinja.run.RenderBudget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.text.StringMethods;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Dicts;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Markup;
import io.github.psft4j.jinja.value.NamedFunction;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;

/** The filters by name, and those that work on single values. Random ones are left out: a prompt is a function. */
public final class Filters {
    /** A filter. */
    interface Body {
        public Object apply(RenderBudget budget, Object value, Args args);
    }

    private static final Map<String, Body> FILTERS = new HashMap<>();

    static {
        FILTERS.put("default", Filters::orElse);
        FILTERS.put("d", Filters::orElse);
        FILTERS.put("length", (budget, value, args) -> none("length", args, Iteration.length(value)));
        FILTERS.put("count", (budget, value, args) -> none("count", args, Iteration.length(value)));
        FILTERS.put("string", (budget, value, args) -> none("string", args, string(value)));
        FILTERS.put("safe", (budget, value, args) -> none("safe", args, new Markup(Printing.str(value))));
        FILTERS.put("escape", (budget, value, args) -> none("escape", args, new Markup(Markup.escaped(value))));
        FILTERS.put("e", FILTERS.get("escape"));
        FILTERS.put("forceescape", (budget, value, args) -> new Markup(Markup.escape(Printing.str(value))));
        FILTERS.put("int", Filters::toInteger);
        FILTERS.put("float", Filters::toReal);
        FILTERS.put("abs", Filters::absolute);
        FILTERS.put("round", Filters::round);
        FILTERS.put("tojson", JsonFilter::filter);
        FILTERS.put("attr", Filters::attribute);
        TextFilters.addTo(FILTERS);
        SequenceFilters.addTo(FILTERS);
        OrderFilters.addTo(FILTERS);
        SelectionFilters.addTo(FILTERS);
    }

    private Filters() {}

    static boolean exists(String name) {
        return FILTERS.containsKey(name);
    }

    public static Object apply(RenderBudget budget, String name, Object value, Args args) {
        Body filter = FILTERS.get(name);
        if (filter == null) {
            throw TemplateError.of("No filter named '" + name + "'.");
        }
        return filter.apply(budget, value, args);
    }

    private static Object none(String name, Args args, Object result) {
        args.bind(name);
        return result;
    }

    /** {@code soft_str}: safe text stays safe. */
    static Object string(Object value) {
        return value instanceof Markup ? value : Printing.str(value);
    }

    private static Object orElse(RenderBudget budget, Object value, Args args) {
        Object[] a = args.bind("default", "default_value?", "boolean?");
        boolean replace = value instanceof Undefined || Args.flag(a[1]) && !Types.truth(value);
        return !replace ? value : a[0] == Args.ABSENT ? "" : a[0];
    }

    private static Object attribute(RenderBudget budget, Object value, Args args) {
        String name = StringMethods.string("attr", args.bind("attr", "name")[0]);
        Object found = Access.attribute(value, name);
        boolean isKey =
                value instanceof Map && Dicts.contains(Types.dict(value), name) && !(found instanceof NamedFunction);
        return isKey ? Undefined.of(value, name) : found;
    }

    private static Object toInteger(RenderBudget budget, Object value, Args args) {
        Object[] a = args.bind("int", "default?", "base?");
        int base = a[1] == Args.ABSENT ? 10 : PythonNumbers.index(a[1], "base");
        Object result = null;
        Undefined.refuse(value);
        String text = Types.text(value);
        if (text != null) {
            result = base >= 2 && base <= 36 ? PythonNumbers.parseInteger(text, base) : null;
        } else if (PythonNumbers.isInteger(value)) {
            result = PythonNumbers.integer(PythonNumbers.big(value));
        }
        if (result == null) {
            Double real = text != null ? PythonNumbers.parseReal(text) : value instanceof Double d ? d : null;
            result = real == null || real.isNaN() || real.isInfinite()
                    ? null
                    : PythonNumbers.integer(PythonNumbers.truncated(real));
        }
        return result != null ? result : a[0] == Args.ABSENT ? (Object) 0L : a[0];
    }

    private static Object toReal(RenderBudget budget, Object value, Args args) {
        Object otherwise = args.bind("float", "default?")[0];
        Undefined.refuse(value);
        if (PythonNumbers.isNumber(value)) {
            return PythonNumbers.real(value);
        }
        Double real = Types.text(value) == null ? null : PythonNumbers.parseReal(Types.text(value));
        return real != null ? real : otherwise == Args.ABSENT ? (Object) 0.0 : otherwise;
    }

    private static Object absolute(RenderBudget budget, Object value, Args args) {
        args.bind("abs");
        if (value instanceof Double real) {
            return Math.abs(real);
        }
        requireNumber("abs", value);
        return PythonNumbers.integer(PythonNumbers.big(value).abs());
    }

    private static void requireNumber(String filter, Object value) {
        if (!PythonNumbers.isNumber(value)) {
            throw Undefined.error(value, "bad operand type for " + filter + ": '" + Types.name(value) + "'");
        }
    }

    /** Rounds half to even on the exact binary value. */
    private static Object round(RenderBudget budget, Object value, Args args) {
        Object[] a = args.bind("round", "precision?", "method?");
        String method = a[1] == Args.ABSENT ? "common" : Printing.str(a[1]);
        int precision = a[0] == Args.ABSENT ? 0 : PythonNumbers.index(a[0], "precision");
        requireNumber("round", value);
        if (!method.equals("common") && !method.equals("ceil") && !method.equals("floor")) {
            throw TemplateError.of("method must be common, ceil or floor");
        }
        if (Math.abs(precision) > 400) {
            throw TemplateError.of("round: a precision of " + precision + " is out of range");
        }
        if (!method.equals("common")) {
            Object factor = Arithmetic.binary(budget, "**", 10L, (long) precision);
            double scaled = PythonNumbers.real(Arithmetic.binary(budget, "*", value, factor));
            double whole = method.equals("ceil") ? Math.ceil(scaled) : Math.floor(scaled);
            return Arithmetic.binary(budget, "/", PythonNumbers.integer(PythonNumbers.truncated(whole)), factor);
        }
        if (value instanceof Double real) {
            return real.isNaN() || real.isInfinite() || precision > 330
                    ? (Object) real
                    : Math.copySign(
                            new BigDecimal(real)
                                    .setScale(precision, RoundingMode.HALF_EVEN)
                                    .doubleValue(),
                            real);
        }
        BigDecimal rounded = new BigDecimal(PythonNumbers.big(value)).setScale(precision, RoundingMode.HALF_EVEN);
        return PythonNumbers.integer(rounded.toBigInteger());
    }
}
