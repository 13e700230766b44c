package io.github.psft4j.jinja.operator;

import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.util.ArrayList;
import java.util.List;

/** {@code attribute='function.parameters.0'} of a filter: where to look in each element. */
public record AttributePath(List<Object> parts) {

    /** @param attribute a path, an index, or null for the element itself */
    public static AttributePath of(Object attribute) {
        List<Object> parts = new ArrayList<>();
        if (Types.text(attribute) == null) {
            if (attribute != null) {
                parts.add(attribute);
            }
            return new AttributePath(parts);
        }
        for (String part : Types.text(attribute).split("\\.", -1)) {
            parts.add(part.matches("[0-9]{1,9}") ? (Object) Long.valueOf(part) : part);
        }
        return new AttributePath(parts);
    }

    public Object get(Object item) {
        return get(item, null);
    }

    /** @param otherwise in place of what is undefined; null for none */
    public Object get(Object item, Object otherwise) {
        Object value = item;
        for (Object part : parts) {
            value = Access.item(value, part);
            if (otherwise != null && value instanceof Undefined) {
                value = otherwise;
            }
        }
        return value;
    }
}
