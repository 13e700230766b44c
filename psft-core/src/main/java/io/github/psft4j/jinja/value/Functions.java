package io.github.psft4j.jinja.value;

import java.util.HashMap;
import java.util.Map;

/**
 * Functions by name that take a value besides their arguments: filters, or the methods of a type.
 *
 * @param <T> type of the value
 */
public final class Functions<T> {
    /** What a function does. */
    public interface Body<T> {
        Object call(T value, Bound arguments);
    }

    private record Function<T>(String name, String[] parameters, Body<T> body) {
        Object call(T value, Args args) {
            return body.call(value, args.bind(name, parameters));
        }
    }

    private final Map<String, Function<T>> byName = new HashMap<>();

    /**
     * @param parameters names with spaces between; {@code ?} at the end marks one that may be left out. {@code *} for
     *     whatever it is given
     */
    public Functions<T> add(String name, String parameters, Body<T> body) {
        String[] names = parameters.isEmpty() ? new String[0] : parameters.split(" ");
        byName.put(name, new Function<>(name, names, body));
        return this;
    }

    /** Makes a function known by a second name. */
    public Functions<T> alias(String name, String known) {
        byName.put(name, byName.get(known));
        return this;
    }

    public boolean has(String name) {
        return byName.containsKey(name);
    }

    public Object call(String name, T value, Args args) {
        return byName.get(name).call(value, args);
    }

    /** @return the function of a value, as a template can call it; {@link Args#ABSENT} if there is none of that name */
    public Object method(T value, String name) {
        Function<T> function = byName.get(name);
        return function == null ? Args.ABSENT : new NamedFunction(name, args -> function.call(value, args));
    }
}
