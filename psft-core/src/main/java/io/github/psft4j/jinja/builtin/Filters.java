package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.operator.Access;
import io.github.psft4j.jinja.operator.Arithmetic;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Bound;
import io.github.psft4j.jinja.value.Dicts;
import io.github.psft4j.jinja.value.Functions;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Markup;
import io.github.psft4j.jinja.value.NamedFunction;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/** The filters by name, and those that work on single values. Random ones are left out: a prompt is a function. */
public final class Filters {
    private static final Functions<Object> FILTERS = new Functions<>();

    static {
        FILTERS.add("default", "default_value? boolean?", Filters::orElse).alias("d", "default");
        FILTERS.add("length", "", (value, a) -> Iteration.length(value));
        FILTERS.add("count", "", (value, a) -> Iteration.length(value));
        FILTERS.add("string", "", (value, a) -> string(value));
        FILTERS.add("safe", "", (value, a) -> new Markup(Printing.str(value)));
        FILTERS.add("escape", "", (value, a) -> new Markup(Markup.escaped(value)))
                .alias("e", "escape");
        FILTERS.add("forceescape", "", (value, a) -> new Markup(Markup.escape(Printing.str(value))));
        FILTERS.add("int", "default? base?", Filters::toInteger);
        FILTERS.add("float", "default?", Filters::toReal);
        FILTERS.add("abs", "", Filters::absolute);
        FILTERS.add("round", "precision? method?", Filters::round);
        FILTERS.add("tojson", "ensure_ascii? indent? separators? sort_keys?", JsonFilter::filter);
        FILTERS.add("attr", "name", Filters::attribute);
        TextFilters.addTo(FILTERS);
        SequenceFilters.addTo(FILTERS);
        OrderFilters.addTo(FILTERS);
        SelectionFilters.addTo(FILTERS);
    }

    private Filters() {}

    static boolean exists(String name) {
        return FILTERS.has(name);
    }

    public static Object apply(String name, Object value, Args args) {
        TemplateError.when(!FILTERS.has(name), "No filter named '%s'.", name);
        return FILTERS.call(name, value, args);
    }

    /** {@code soft_str}: safe text stays safe. */
    static Object string(Object value) {
        return value instanceof Markup ? value : Printing.str(value);
    }

    private static Object orElse(Object value, Bound a) {
        boolean replace = value instanceof Undefined || a.flag(1) && !Types.truth(value);
        return replace ? a.or(0, "") : value;
    }

    private static Object attribute(Object value, Bound a) {
        String name = a.text(0);
        Object found = Access.attribute(value, name);
        boolean isKey =
                value instanceof Map && Dicts.contains(Types.dict(value), name) && !(found instanceof NamedFunction);
        return isKey ? Undefined.of(value, name) : found;
    }

    private static Object toInteger(Object value, Bound a) {
        int base = a.index(1, 10);
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
        return result != null ? result : a.or(0, 0L);
    }

    private static Object toReal(Object value, Bound a) {
        Undefined.refuse(value);
        if (PythonNumbers.isNumber(value)) {
            return PythonNumbers.real(value);
        }
        Double real = Types.text(value) == null ? null : PythonNumbers.parseReal(Types.text(value));
        return real != null ? real : a.or(0, 0.0);
    }

    private static Object absolute(Object value, Bound a) {
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
    private static Object round(Object value, Bound a) {
        String method = Printing.str(a.or(1, "common"));
        int precision = a.index(0, 0);
        requireNumber("round", value);
        TemplateError.when(
                !method.equals("common") && !method.equals("ceil") && !method.equals("floor"),
                "method must be common, ceil or floor");
        TemplateError.when(Math.abs(precision) > 400, "round: a precision of %s is out of range", precision);
        if (!method.equals("common")) {
            Object factor = Arithmetic.binary("**", 10L, (long) precision);
            double scaled = PythonNumbers.real(Arithmetic.binary("*", value, factor));
            double whole = method.equals("ceil") ? Math.ceil(scaled) : Math.floor(scaled);
            return Arithmetic.binary("/", PythonNumbers.integer(PythonNumbers.truncated(whole)), factor);
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
