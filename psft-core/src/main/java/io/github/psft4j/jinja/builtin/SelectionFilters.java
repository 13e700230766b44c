package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.operator.AttributePath;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Functions;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Once;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.Types;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** map, select, reject, selectattr, rejectattr. As in Python they give generators: nothing happens before the loop. */
final class SelectionFilters {
    private SelectionFilters() {}

    static void addTo(Functions<Object> filters) {
        filters.add("map", "*", (value, a) -> lazy(value, () -> change(a.args())));
        filters.add("select", "*", (value, a) -> lazy(value, () -> selection(a.args(), false, true)));
        filters.add("reject", "*", (value, a) -> lazy(value, () -> selection(a.args(), false, false)));
        filters.add("selectattr", "*", (value, a) -> lazy(value, () -> selection(a.args(), true, true)));
        filters.add("rejectattr", "*", (value, a) -> lazy(value, () -> selection(a.args(), true, false)));
    }

    private static Once lazy(Object value, Supplier<Function<Object, Object>> change) {
        return Types.truth(value) ? Once.changing(() -> Iteration.of(value), change) : Once.of(List.of());
    }

    private static Function<Object, Object> change(Args args) {
        if (!args.positional().isEmpty()) {
            String filter = Printing.str(args.positional().get(0));
            Args rest = new Args(args.positional().subList(1, args.positional().size()), args.named());
            return item -> Filters.apply(filter, item, rest);
        }
        Map<String, Object> named = new LinkedHashMap<>(args.named());
        TemplateError.when(!named.containsKey("attribute"), "map requires a filter argument");
        AttributePath path = AttributePath.of(named.remove("attribute"));
        Object otherwise = named.remove("default");
        if (!named.isEmpty()) {
            throw TemplateError.of(
                    "Unexpected keyword argument '" + named.keySet().iterator().next() + "'");
        }
        return item -> path.get(item, otherwise);
    }

    private static Function<Object, Object> selection(Args args, boolean byAttribute, boolean wanted) {
        List<Object> given = args.positional();
        TemplateError.when(byAttribute && given.isEmpty(), "Missing parameter for attribute name");
        int skip = byAttribute ? 1 : 0;
        AttributePath path = AttributePath.of(byAttribute ? given.get(0) : null);
        if (given.size() == skip) {
            return item -> Types.truth(path.get(item)) == wanted ? item : Args.ABSENT;
        }
        String test = Printing.str(given.get(skip));
        Args rest = new Args(given.subList(skip + 1, given.size()), args.named());
        return item -> Tests.apply(test, path.get(item), rest) == wanted ? item : Args.ABSENT;
    }
}
