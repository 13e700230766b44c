package io.github.psft4j.jinja.operator;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Markup;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.PythonStrings;
import io.github.psft4j.jinja.value.Range;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.util.ArrayList;
import java.util.List;

/** {@code value[start:stop:step]} with Python's rules for negative and excessive bounds. */
public final class Slicing {
    private Slicing() {}

    public static Object slice(Object value, Object start, Object stop, Object step) {
        String text = Types.text(value);
        if (text == null && !(value instanceof List)) {
            throw Undefined.error(value, "'" + Types.name(value) + "' object cannot be sliced");
        }
        int length = text != null ? PythonStrings.length(text) : ((List<?>) value).size();
        long stride = step == null ? 1 : bound(step);
        TemplateError.when(stride == 0, "slice step cannot be zero");
        boolean forward = stride > 0;
        long first = clip(start, forward ? 0 : length - 1L, length, forward);
        long end = clip(stop, forward ? length : -1L, length, forward);
        long count = forward ? (end - first + stride - 1) / stride : (first - end - stride - 1) / -stride;
        if (forward ? end <= first : first <= end) {
            count = 0;
        }
        if (text != null) {
            Budget.made(count);
        } else {
            Budget.listed(value instanceof Range ? 1 : count);
        }
        if (value instanceof Range range) {
            return new Range(
                    range.start + first * range.step, range.start + end * range.step, range.step * stride, (int) count);
        }
        if (text == null) {
            return list(value, first, stride, count);
        }
        String result = text(text, first, stride, count);
        return value instanceof Markup ? new Markup(result) : result;
    }

    private static Object list(Object value, long first, long stride, long count) {
        List<Object> items = new ArrayList<>((int) count);
        for (long i = 0; i < count; i++) {
            items.add(((List<?>) value).get((int) (first + i * stride)));
        }
        return value instanceof Tuple ? new Tuple(items) : items;
    }

    private static String text(String text, long first, long stride, long count) {
        if (count == 0) {
            return "";
        }
        if (stride == 1) {
            return PythonStrings.part(text, (int) first, (int) (first + count));
        }
        Budget.read(4L * text.length());
        int[] codePoints = text.codePoints().toArray();
        StringBuilder out = new StringBuilder();
        for (long i = 0; i < count; i++) {
            out.appendCodePoint(codePoints[(int) (first + i * stride)]);
        }
        return out.toString();
    }

    private static long clip(Object bound, long absent, int length, boolean forward) {
        if (bound == null) {
            return absent;
        }
        long index = bound(bound);
        if (index < 0) {
            index += length;
        }
        return forward ? Math.max(0, Math.min(length, index)) : Math.max(-1, Math.min(length - 1L, index));
    }

    private static long bound(Object bound) {
        if (!PythonNumbers.isInteger(bound)) {
            throw Undefined.error(bound, "slice indices must be integers or None or have an __index__ method");
        }
        return PythonNumbers.index(bound, "slice index");
    }
}
