package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Bound;
import io.github.psft4j.jinja.value.Callable;
import io.github.psft4j.jinja.value.Dicts;
import io.github.psft4j.jinja.value.Functions;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Namespace;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.PythonObject;
import io.github.psft4j.jinja.value.Range;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** The functions that every template knows. */
public final class Globals {
    private static final long LONGEST_RANGE = 100_000; // as Jinja2's sandbox

    private static final Functions<Void> FUNCTIONS = new Functions<>();

    static {
        FUNCTIONS.add("raise_exception", "message", (none, a) -> {
            throw TemplateError.raised(Printing.str(a.get(0)));
        });
        FUNCTIONS.add(
                "strftime_now",
                "format",
                (none, a) -> Strftime.format(Budget.current().clock(), a.text(0)));
        FUNCTIONS.add("namespace", "*", (none, a) -> namespace(a.args()));
        FUNCTIONS.add("range", "*", (none, a) -> range(a.args()));
        FUNCTIONS.add("cycler", "*", (none, a) -> new Cycler(a.args().positional()));
        FUNCTIONS.add("joiner", "sep?", (none, a) -> new Joiner(a.or(0, ", "), new AtomicBoolean()));
    }

    private static final Object DICT = new DictFunction();

    private Globals() {}

    /** @return the function, null if there is none of that name */
    public static Object get(String name) {
        Object function = name.equals("dict") ? DICT : FUNCTIONS.method(null, name);
        return function == Args.ABSENT ? null : function;
    }

    private static Object namespace(Args args) {
        Namespace namespace = new Namespace(new LinkedHashMap<>());
        dict(args).forEach((name, value) -> namespace.set(Printing.str(name), value));
        return namespace;
    }

    private static Map<Object, Object> dict(Args args) {
        TemplateError.when(
                args.positional().size() > 1,
                "dict expected at most 1 argument, got %s",
                args.positional().size());
        Map<Object, Object> dict = new LinkedHashMap<>();
        for (Object source : args.positional()) {
            if (source instanceof Map) {
                Budget.listed(2L * Types.dict(source).size());
                dict.putAll(Types.dict(source));
                continue;
            }
            for (Object pair : Iteration.list(source)) {
                List<Object> items = Iteration.list(pair);
                TemplateError.when(
                        items.size() != 2,
                        "dictionary update sequence element has length %s; 2 is required",
                        items.size());
                Budget.listed(2L * dict.size(), 2);
                Dicts.put(dict, items.get(0), items.get(1));
            }
        }
        dict.putAll(args.named());
        return dict;
    }

    private static Object range(Args args) {
        int given = args.positional().size();
        TemplateError.when(
                given < 1 || given > 3 || !args.named().isEmpty(), "range expected 1 to 3 arguments, got %s", given);
        long[] bounds = {0, 0, 1};
        for (int i = 0; i < given; i++) {
            Object bound = args.positional().get(i);
            Undefined.refuse(bound);
            TemplateError.when(
                    !PythonNumbers.isInteger(bound),
                    "'%s' object cannot be interpreted as an integer",
                    Types.name(bound));
            bounds[given == 1 ? 1 : i] = PythonNumbers.index(bound, "range");
        }
        TemplateError.when(bounds[2] == 0, "range() arg 3 must not be zero");
        long distance = bounds[2] > 0 ? bounds[1] - bounds[0] : bounds[0] - bounds[1];
        long size = distance <= 0 ? 0 : (distance - 1) / Math.abs(bounds[2]) + 1;
        TemplateError.when(
                size > LONGEST_RANGE,
                "Range too big. The sandbox blocks ranges larger than MAX_RANGE (%s).",
                LONGEST_RANGE);
        return new Range(bounds[0], bounds[1], bounds[2], (int) size);
    }

    /** {@code dict(...)}, with {@code dict.fromkeys}. */
    private static final class DictFunction implements Callable, PythonObject {
        private static final Functions<Void> FROM_KEYS =
                new Functions<Void>().add("fromkeys", "iterable value?", (none, a) -> fromKeys(a));

        @Override
        public Object call(Args args) {
            return dict(args);
        }

        @Override
        public Object member(String name) {
            return FROM_KEYS.method(null, name);
        }

        private static Object fromKeys(Bound a) {
            Map<Object, Object> dict = new LinkedHashMap<>();
            List<Object> keys = Iteration.list(a.get(0));
            Budget.listed(2L * keys.size());
            keys.forEach(key -> Dicts.put(dict, key, a.or(1, null)));
            return dict;
        }
    }

    /** {@code cycler('odd', 'even')}. */
    private static final class Cycler implements PythonObject {
        private static final Functions<Cycler> METHODS = new Functions<Cycler>()
                .add("next", "", (cycler, a) -> cycler.items.get(cycler.position++ % cycler.items.size()))
                .add("reset", "", (cycler, a) -> cycler.reset());

        private final List<Object> items;
        private int position;

        Cycler(List<Object> items) {
            TemplateError.when(items.isEmpty(), "at least one item has to be provided");
            this.items = new ArrayList<>(items);
        }

        @Override
        public Object member(String name) {
            return name.equals("current") ? items.get(position % items.size()) : METHODS.method(this, name);
        }

        private Object reset() {
            position = 0;
            return null;
        }
    }

    /** {@code joiner(', ')}: nothing at the first call, the separator from then on. */
    private record Joiner(Object separator, AtomicBoolean used) implements Callable {
        @Override
        public Object call(Args args) {
            return used.getAndSet(true) ? separator : "";
        }
    }
}
