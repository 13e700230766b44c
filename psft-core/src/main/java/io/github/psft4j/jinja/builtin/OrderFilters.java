package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.operator.AttributePath;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Bound;
import io.github.psft4j.jinja.value.Dicts;
import io.github.psft4j.jinja.value.Functions;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Once;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.PythonComparison;
import io.github.psft4j.jinja.value.PythonStrings;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Filters that compare elements: sort, dictsort, groupby, unique, min, max. Letter case counts only on demand. */
final class OrderFilters {
    private OrderFilters() {}

    static void addTo(Functions<Object> filters) {
        filters.add("sort", "reverse? case_sensitive? attribute?", OrderFilters::sort);
        filters.add("dictsort", "case_sensitive? by? reverse?", OrderFilters::dictSort);
        filters.add("groupby", "attribute default? case_sensitive?", OrderFilters::groupBy);
        filters.add("unique", "case_sensitive? attribute?", OrderFilters::unique);
        filters.add("min", "case_sensitive? attribute?", (value, a) -> extreme(value, a, -1));
        filters.add("max", "case_sensitive? attribute?", (value, a) -> extreme(value, a, 1));
    }

    private static Object key(Object value, boolean caseSensitive) {
        return !caseSensitive && Types.text(value) != null ? PythonStrings.lower(Types.text(value)) : value;
    }

    private record Keyed(Object key, Object item) {}

    private static List<Keyed> keyed(Object value, UnaryOperator<Object> key) {
        List<Keyed> keyed = new ArrayList<>();
        Iteration.list(value).forEach(item -> keyed.add(new Keyed(key.apply(item), item)));
        return keyed;
    }

    private static UnaryOperator<Object> keyOf(Object attribute, boolean caseSensitive) {
        AttributePath path = AttributePath.of(attribute);
        return item -> key(path.get(item), caseSensitive);
    }

    /** Stable, in either direction. */
    private static List<Object> sorted(List<Keyed> items, boolean reverse) {
        items.sort((a, b) -> {
            int order = PythonComparison.order("<", a.key, b.key);
            return reverse ? -order : order;
        });
        List<Object> sorted = new ArrayList<>();
        items.forEach(keyed -> sorted.add(keyed.item));
        return sorted;
    }

    private static Object sort(Object value, Bound a) {
        Object attribute = a.or(2, null);
        Object[] attributes = attribute instanceof String several ? several.split(",", -1) : new Object[] {attribute};
        List<UnaryOperator<Object>> keys =
                Arrays.stream(attributes).map(one -> keyOf(one, a.flag(1))).toList();
        UnaryOperator<Object> all = item -> {
            List<Object> values = new ArrayList<>();
            keys.forEach(key -> values.add(key.apply(item)));
            return values;
        };
        return sorted(keyed(value, all), a.flag(0));
    }

    private static Object dictSort(Object value, Bound a) {
        String by = Printing.str(a.or(1, "key"));
        TemplateError.when(
                !by.equals("key") && !by.equals("value"), "You can only sort by either \"key\" or \"value\"");
        if (!(value instanceof Map)) {
            throw Undefined.error(value, "'" + Types.name(value) + "' object has no attribute 'items'");
        }
        UnaryOperator<Object> key = keyOf(by.equals("key") ? 0L : 1L, a.flag(0));
        return sorted(keyed(Dicts.items(Types.dict(value)), key), a.flag(2));
    }

    private static Object groupBy(Object value, Bound a) {
        AttributePath path = AttributePath.of(a.get(0));
        Object otherwise = a.or(1, null);
        List<Keyed> keyed = keyed(value, item -> key(path.get(item, otherwise), a.flag(2)));
        sorted(keyed, false);
        List<Object> groups = new ArrayList<>();
        List<Object> members = List.of();
        Object last = null;
        for (Keyed next : keyed) {
            if (members.isEmpty() || !PythonComparison.equal(last, next.key)) {
                members = new ArrayList<>();
                last = next.key;
                List<Object> group = Arrays.asList(path.get(next.item, otherwise), members);
                groups.add(new Tuple(group, List.of("grouper", "list")));
            }
            members.add(next.item);
        }
        return groups;
    }

    private static Object unique(Object value, Bound a) {
        Map<Object, Object> seen = new LinkedHashMap<>();
        List<Object> kept = new ArrayList<>();
        for (Keyed next : keyed(value, keyOf(a.or(1, null), a.flag(0)))) {
            if (!Dicts.contains(seen, next.key)) {
                Dicts.put(seen, next.key, true);
                kept.add(next.item);
            }
        }
        return Once.of(kept);
    }

    private static Object extreme(Object value, Bound a, int direction) {
        Keyed best = null;
        for (Keyed next : keyed(value, keyOf(a.or(1, null), a.flag(0)))) {
            if (best == null || PythonComparison.order(direction < 0 ? "<" : ">", next.key, best.key) * direction > 0) {
                best = next;
            }
        }
        return best == null ? new Undefined("No aggregated item, sequence was empty.") : best.item;
    }
}
