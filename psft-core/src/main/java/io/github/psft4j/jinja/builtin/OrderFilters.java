package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.operator.AttributePath;
import io.github.psft4j.jinja.run.RenderBudget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Dicts;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Once;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.PythonComparison;
import io.github.psft4j.jinja.value.PythonStrings;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Filters that compare elements: sort, dictsort, groupby, unique, min, max. Letter case counts only on demand. */
final class OrderFilters {
    private OrderFilters() {}

    static void addTo(Map<String, Filters.Body> filters) {
        filters.put("sort", OrderFilters::sort);
        filters.put("dictsort", OrderFilters::dictSort);
        filters.put("groupby", OrderFilters::groupBy);
        filters.put("unique", OrderFilters::unique);
        filters.put(
                "min",
                (budget, value, args) -> extreme(budget, value, args.bind("min", "case_sensitive?", "attribute?"), -1));
        filters.put(
                "max",
                (budget, value, args) -> extreme(budget, value, args.bind("max", "case_sensitive?", "attribute?"), 1));
    }

    private static Object key(Object value, boolean caseSensitive) {
        return !caseSensitive && Types.text(value) != null ? PythonStrings.lower(Types.text(value)) : value;
    }

    private record Keyed(Object key, Object item) {}

    /** Stable, in either direction. */
    private static List<Keyed> sorted(List<Keyed> items, boolean reverse) {
        List<Keyed> result = new ArrayList<>(items);
        result.sort((a, b) -> {
            int order = PythonComparison.order("<", a.key, b.key);
            return reverse ? -order : order;
        });
        return result;
    }

    private static List<Object> items(List<Keyed> keyed) {
        List<Object> items = new ArrayList<>();
        keyed.forEach(k -> items.add(k.item));
        return items;
    }

    private static Object sort(RenderBudget budget, Object value, Args args) {
        Object[] a = args.bind("sort", "reverse?", "case_sensitive?", "attribute?");
        List<AttributePath> paths = new ArrayList<>();
        if (Args.given(a[2], null) instanceof String several) {
            for (String path : several.split(",", -1)) {
                paths.add(AttributePath.of(path));
            }
        } else {
            paths.add(AttributePath.of(Args.given(a[2], null)));
        }
        List<Keyed> keyed = new ArrayList<>();
        for (Object item : Iteration.list(budget, value)) {
            List<Object> keys = new ArrayList<>();
            paths.forEach(path -> keys.add(key(path.get(item), Args.flag(a[1]))));
            keyed.add(new Keyed(keys, item));
        }
        return items(sorted(keyed, Args.flag(a[0])));
    }

    private static Object dictSort(RenderBudget budget, Object value, Args args) {
        Object[] a = args.bind("dictsort", "case_sensitive?", "by?", "reverse?");
        String by = a[1] == Args.ABSENT ? "key" : Printing.str(a[1]);
        if (!by.equals("key") && !by.equals("value")) {
            throw TemplateError.of("You can only sort by either \"key\" or \"value\"");
        }
        if (!(value instanceof Map)) {
            throw Undefined.error(value, "'" + Types.name(value) + "' object has no attribute 'items'");
        }
        List<Keyed> keyed = new ArrayList<>();
        Types.dict(value).forEach((k, v) -> {
            budget.step();
            keyed.add(new Keyed(key(by.equals("key") ? k : v, Args.flag(a[0])), Tuple.of(k, v)));
        });
        return items(sorted(keyed, Args.flag(a[2])));
    }

    private static Object groupBy(RenderBudget budget, Object value, Args args) {
        Object[] a = args.bind("groupby", "attribute", "default?", "case_sensitive?");
        AttributePath path = AttributePath.of(a[0]);
        Object otherwise = Args.given(a[1], null);
        List<Keyed> keyed = new ArrayList<>();
        for (Object item : Iteration.list(budget, value)) {
            keyed.add(new Keyed(key(path.get(item, otherwise), Args.flag(a[2])), item));
        }
        List<Object> groups = new ArrayList<>();
        List<Object> members = List.of();
        Object last = null;
        for (Keyed next : sorted(keyed, false)) {
            if (members.isEmpty() || !PythonComparison.equal(last, next.key)) {
                members = new ArrayList<>();
                last = next.key;
                List<Object> group = new ArrayList<>();
                group.add(path.get(next.item, otherwise));
                group.add(members);
                groups.add(new Tuple(group, List.of("grouper", "list")));
            }
            members.add(next.item);
        }
        return groups;
    }

    private static Object unique(RenderBudget budget, Object value, Args args) {
        Object[] a = args.bind("unique", "case_sensitive?", "attribute?");
        AttributePath path = AttributePath.of(Args.given(a[1], null));
        Map<Object, Object> seen = new LinkedHashMap<>();
        List<Object> kept = new ArrayList<>();
        for (Object item : Iteration.list(budget, value)) {
            Object key = key(path.get(item), Args.flag(a[0]));
            if (!Dicts.contains(seen, key)) {
                Dicts.put(seen, key, true);
                kept.add(item);
            }
        }
        return new Once("generator", kept.iterator());
    }

    private static Object extreme(RenderBudget budget, Object value, Object[] a, int direction) {
        AttributePath path = AttributePath.of(Args.given(a[1], null));
        Iterator<Object> items = Iteration.of(value);
        if (!items.hasNext()) {
            return Undefined.hint("No aggregated item, sequence was empty.");
        }
        Object best = items.next();
        Object bestKey = key(path.get(best), Args.flag(a[0]));
        while (items.hasNext()) {
            budget.step();
            Object item = items.next();
            Object key = key(path.get(item), Args.flag(a[0]));
            if (PythonComparison.order(direction < 0 ? "<" : ">", key, bestKey) * direction > 0) {
                best = item;
                bestKey = key;
            }
        }
        return best;
    }
}
