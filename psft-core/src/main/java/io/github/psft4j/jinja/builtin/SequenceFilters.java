package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.operator.Arithmetic;
import io.github.psft4j.jinja.operator.AttributePath;
import io.github.psft4j.jinja.operator.Slicing;
import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Bound;
import io.github.psft4j.jinja.value.DictView;
import io.github.psft4j.jinja.value.Dicts;
import io.github.psft4j.jinja.value.Functions;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Once;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Filters that take sequences apart or build them. */
final class SequenceFilters {
    private SequenceFilters() {}

    static void addTo(Functions<Object> filters) {
        filters.add("list", "", (value, a) -> Iteration.list(value));
        filters.add("first", "", (value, a) -> firstOf(Iteration.of(value), "first"));
        filters.add("last", "", (value, a) -> firstOf(reversed(value), "last"));
        filters.add("reverse", "", SequenceFilters::reverse);
        filters.add("items", "", SequenceFilters::items);
        filters.add("sum", "attribute? start?", SequenceFilters::sum);
        filters.add("batch", "linecount fill_with?", SequenceFilters::batch);
        filters.add("slice", "slices fill_with?", SequenceFilters::slice);
    }

    private static Object firstOf(Iterator<Object> items, String which) {
        return items.hasNext() ? items.next() : new Undefined("No " + which + " item, sequence was empty.");
    }

    private static Object items(Object value, Bound a) {
        TemplateError.when(
                !(value instanceof Map) && !(value instanceof Undefined), "Can only get item pairs from a mapping.");
        return Once.of(value instanceof Map ? Dicts.items(Types.dict(value)) : List.of());
    }

    /** {@code reversed(value)}: of what has an order and a length. */
    private static Iterator<Object> reversed(Object value) {
        boolean view = value instanceof DictView;
        boolean text = Types.text(value) != null || value instanceof Undefined;
        TemplateError.when(
                !(value instanceof List) && !(value instanceof Map) && !view && !text,
                "'%s' object is not reversible",
                Types.name(value));
        List<Object> items = Iteration.list(value);
        Collections.reverse(items);
        return items.iterator();
    }

    private static Object reverse(Object value, Bound a) {
        if (Types.text(value) != null) {
            return Slicing.slice(value, null, null, -1L);
        }
        if (value instanceof Once) {
            List<Object> items = Iteration.list(value);
            Collections.reverse(items);
            return items;
        }
        return new Once("list_reverseiterator", reversed(value));
    }

    private static Object sum(Object value, Bound a) {
        AttributePath path = AttributePath.of(a.or(0, null));
        Object total = a.or(1, 0L);
        TemplateError.when(Types.text(total) != null, "sum() can't sum strings [use ''.join(seq) instead]");
        for (Object item : Iteration.list(value)) {
            total = Arithmetic.binary("+", total, path.get(item));
        }
        return total;
    }

    private static Object batch(Object value, Bound a) {
        int size = a.index(0);
        List<Object> rows = new ArrayList<>();
        List<Object> row = new ArrayList<>();
        for (Object item : Iteration.list(value)) {
            if (row.size() == size) {
                rows.add(row);
                row = new ArrayList<>();
            }
            row.add(item);
        }
        if (!row.isEmpty()) {
            if (a.or(1, null) != null && row.size() < size) {
                Budget.listed(size);
                row.addAll(Collections.nCopies(size - row.size(), a.get(1)));
            }
            rows.add(row);
        }
        return Once.of(rows);
    }

    private static Object slice(Object value, Bound a) {
        int slices = a.index(0);
        List<Object> items = Iteration.list(value);
        TemplateError.when(slices == 0, "integer division or modulo by zero");
        Budget.listed(Math.max(0, slices));
        List<Object> columns = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < slices; i++) {
            boolean longer = i < items.size() % slices;
            int to = from + items.size() / slices + (longer ? 1 : 0);
            List<Object> column = new ArrayList<>(items.subList(from, to));
            if (a.or(1, null) != null && !longer) {
                column.add(a.get(1));
            }
            columns.add(column);
            from = to;
        }
        return Once.of(columns);
    }
}
