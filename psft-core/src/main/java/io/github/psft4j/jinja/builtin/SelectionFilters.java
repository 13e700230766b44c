package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.operator.AttributePath;
import io.github.psft4j.jinja.run.RenderBudget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Once;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.Types;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** map, select, reject, selectattr, rejectattr. As in Python they give generators: nothing happens before the loop. */
final class SelectionFilters {
    private SelectionFilters() {}

    static void addTo(Map<String, Filters.Body> filters) {
        filters.put("map", SelectionFilters::map);
        filters.put("select", (budget, value, args) -> select(budget, value, args, false, true));
        filters.put("reject", (budget, value, args) -> select(budget, value, args, false, false));
        filters.put("selectattr", (budget, value, args) -> select(budget, value, args, true, true));
        filters.put("rejectattr", (budget, value, args) -> select(budget, value, args, true, false));
    }

    private static Object map(RenderBudget budget, Object value, Args args) {
        return lazy(
                () -> {
                    Function<Object, Object> change = change(budget, args);
                    Iterator<Object> items = Iteration.of(value);
                    return new Iterator<>() {
                        @Override
                        public boolean hasNext() {
                            return items.hasNext();
                        }

                        @Override
                        public Object next() {
                            budget.step();
                            return change.apply(items.next());
                        }
                    };
                },
                value);
    }

    private static Function<Object, Object> change(RenderBudget budget, Args args) {
        if (!args.positional().isEmpty()) {
            String filter = Printing.str(args.positional().get(0));
            Args rest = new Args(args.positional().subList(1, args.positional().size()), args.named());
            return item -> Filters.apply(budget, filter, item, rest);
        }
        Map<String, Object> named = new LinkedHashMap<>(args.named());
        if (!named.containsKey("attribute")) {
            throw TemplateError.of("map requires a filter argument");
        }
        AttributePath path = AttributePath.of(named.remove("attribute"));
        Object otherwise = named.remove("default");
        if (!named.isEmpty()) {
            throw TemplateError.of(
                    "Unexpected keyword argument '" + named.keySet().iterator().next() + "'");
        }
        return item -> path.get(item, otherwise);
    }

    private static Object select(RenderBudget budget, Object value, Args args, boolean byAttribute, boolean wanted) {
        return lazy(
                () -> {
                    Predicate<Object> test = test(budget, args, byAttribute);
                    return Once.filter(budget, Iteration.of(value), item -> test.test(item) == wanted);
                },
                value);
    }

    private static Predicate<Object> test(RenderBudget budget, Args args, boolean byAttribute) {
        List<Object> given = args.positional();
        if (byAttribute && given.isEmpty()) {
            throw TemplateError.of("Missing parameter for attribute name");
        }
        int skip = byAttribute ? 1 : 0;
        AttributePath path = AttributePath.of(byAttribute ? given.get(0) : null);
        if (given.size() == skip) {
            return item -> Types.truth(path.get(item));
        }
        String test = Printing.str(given.get(skip));
        Args rest = new Args(given.subList(skip + 1, given.size()), args.named());
        return item -> Tests.apply(budget, test, path.get(item), rest);
    }

    /** Makes the iterator when the first element is read. */
    private interface Source {
        Iterator<Object> open();
    }

    private static Once lazy(Source source, Object value) {
        return new Once("generator", new Iterator<>() {
            private Iterator<Object> items;

            private Iterator<Object> items() {
                if (items == null) {
                    items = Types.truth(value) ? source.open() : List.of().iterator();
                }
                return items;
            }

            @Override
            public boolean hasNext() {
                return items().hasNext();
            }

            @Override
            public Object next() {
                return items().next();
            }
        });
    }
}
