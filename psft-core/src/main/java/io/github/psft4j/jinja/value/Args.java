package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.TemplateError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Arguments of a call as they were written. */
public record Args(List<Object> positional, Map<String, Object> named) {
    /** Stands for an argument that was not given. */
    public static final Object ABSENT = new Object();

    public static final Args NONE = new Args(List.of(), Map.of());

    /**
     * Sorts the arguments to parameters as Python does.
     *
     * @param function for messages
     * @param parameters names; {@code ?} at the end marks one that may be left out. {@code *} alone binds nothing
     */
    public Bound bind(String function, String... parameters) {
        if (parameters.length == 1 && parameters[0].equals("*")) {
            return new Bound(this, function, parameters, positional.toArray());
        }
        if (positional.size() > parameters.length) {
            throw TemplateError.of(
                    function + "() takes " + parameters.length + " arguments but " + positional.size() + " were given");
        }
        Map<String, Object> rest = new LinkedHashMap<>(named);
        Object[] values = new Object[parameters.length];
        for (int i = 0; i < parameters.length; i++) {
            boolean optional = parameters[i].endsWith("?");
            String name = parameters[i].replace("?", "");
            if (i < positional.size()) {
                if (rest.containsKey(name)) {
                    throw TemplateError.of(function + "() got multiple values for argument '" + name + "'");
                }
                values[i] = positional.get(i);
            } else if (rest.containsKey(name)) {
                values[i] = rest.remove(name);
            } else if (optional) {
                values[i] = ABSENT;
            } else {
                throw TemplateError.of(function + "() missing required argument: '" + name + "'");
            }
        }
        if (!rest.isEmpty()) {
            throw TemplateError.of(function + "() got an unexpected keyword argument '"
                    + rest.keySet().iterator().next() + "'");
        }
        return new Bound(this, function, parameters, values);
    }
}
