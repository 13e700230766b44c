package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.operator.Arithmetic;
import io.github.psft4j.jinja.operator.AttributePath;
import io.github.psft4j.jinja.operator.Slicing;
import io.github.psft4j.jinja.run.RenderBudget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.DictView;
import io.github.psft4j.jinja.value.Dicts;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Once;
import io.github.psft4j.jinja.value.PythonNumbers;
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

    static void addTo(Map<String, Filters.Body> filters) {
        filters.put("list", (budget, value, args) -> {
            args.bind("list");
            return Iteration.list(budget, value);
        });
        filters.put("first", (budget, value, args) -> {
            args.bind("first");
            Iterator<Object> items = Iteration.of(value);
            return items.hasNext() ? items.next() : Undefined.hint("No first item, sequence was empty.");
        });
        filters.put("last", (budget, value, args) -> {
            args.bind("last");
            Iterator<Object> items = reversed(budget, value);
            return items.hasNext() ? items.next() : Undefined.hint("No last item, sequence was empty.");
        });
        filters.put("reverse", SequenceFilters::reverse);
        filters.put("items", (budget, value, args) -> {
            args.bind("items");
            if (!(value instanceof Map) && !(value instanceof Undefined)) {
                throw TemplateError.of("Can only get item pairs from a mapping.");
            }
            List<Object> items = value instanceof Map ? Dicts.items(Types.dict(value)) : List.of();
            return new Once("generator", items.iterator());
        });
        filters.put("sum", SequenceFilters::sum);
        filters.put("batch", SequenceFilters::batch);
        filters.put("slice", SequenceFilters::slice);
    }

    /** {@code reversed(value)}: of what has an order and a length. */
    private static Iterator<Object> reversed(RenderBudget budget, Object value) {
        boolean view = value instanceof DictView;
        boolean text = Types.text(value) != null || value instanceof Undefined;
        if (!(value instanceof List) && !(value instanceof Map) && !view && !text) {
            throw TemplateError.of("'" + Types.name(value) + "' object is not reversible");
        }
        List<Object> items = Iteration.list(budget, value);
        Collections.reverse(items);
        return items.iterator();
    }

    private static Object reverse(RenderBudget budget, Object value, Args args) {
        args.bind("reverse");
        if (Types.text(value) != null) {
            return Slicing.slice(budget, value, null, null, -1L);
        }
        if (value instanceof Once) {
            List<Object> items = Iteration.list(budget, value);
            Collections.reverse(items);
            return items;
        }
        return new Once("list_reverseiterator", reversed(budget, value));
    }

    private static Object sum(RenderBudget budget, Object value, Args args) {
        Object[] a = args.bind("sum", "attribute?", "start?");
        AttributePath path = AttributePath.of(Args.given(a[0], null));
        Object total = a[1] == Args.ABSENT ? 0L : a[1];
        if (Types.text(total) != null) {
            throw TemplateError.of("sum() can't sum strings [use ''.join(seq) instead]");
        }
        for (Object item : Iteration.list(budget, value)) {
            total = Arithmetic.binary(budget, "+", total, path.get(item));
        }
        return total;
    }

    private static Object batch(RenderBudget budget, Object value, Args args) {
        Object[] a = args.bind("batch", "linecount", "fill_with?");
        int size = PythonNumbers.index(a[0], "linecount");
        List<Object> rows = new ArrayList<>();
        List<Object> row = new ArrayList<>();
        for (Object item : Iteration.list(budget, value)) {
            if (row.size() == size) {
                rows.add(row);
                row = new ArrayList<>();
            }
            row.add(item);
        }
        if (!row.isEmpty()) {
            if (a[1] != Args.ABSENT && a[1] != null && row.size() < size) {
                budget.listed(size);
                row.addAll(Collections.nCopies(size - row.size(), a[1]));
            }
            rows.add(row);
        }
        return new Once("generator", rows.iterator());
    }

    private static Object slice(RenderBudget budget, Object value, Args args) {
        Object[] a = args.bind("slice", "slices", "fill_with?");
        int slices = PythonNumbers.index(a[0], "slices");
        List<Object> items = Iteration.list(budget, value);
        if (slices == 0) {
            throw TemplateError.of("integer division or modulo by zero");
        }
        budget.listed(Math.max(0, slices));
        List<Object> columns = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < slices; i++) {
            boolean longer = i < items.size() % slices;
            int to = from + items.size() / slices + (longer ? 1 : 0);
            List<Object> column = new ArrayList<>(items.subList(from, to));
            if (a[1] != Args.ABSENT && a[1] != null && !longer) {
                column.add(a[1]);
            }
            columns.add(column);
            from = to;
        }
        return new Once("generator", columns.iterator());
    }
}
