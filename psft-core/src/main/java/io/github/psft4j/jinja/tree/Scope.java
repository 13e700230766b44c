package io.github.psft4j.jinja.tree;

import io.github.psft4j.jinja.builtin.Globals;
import io.github.psft4j.jinja.value.Undefined;
import java.util.HashMap;
import java.util.Map;

/**
 * Names that a part of the template sees. Every iteration of a loop body and every macro call has a scope of its own.
 * So have {@code with}, block {@code set}, {@code filter}, {@code call} and {@code generation}; {@code if} has none. A
 * scope cannot assign to an outer one.
 */
public final class Scope {
    private final Scope parent;
    private final Map<String, Object> names = new HashMap<>(4);

    public Scope(Map<String, Object> variables) {
        this.parent = null;
        names.putAll(variables);
    }

    public Scope(Scope parent) {
        this.parent = parent;
    }

    Scope root() {
        Scope scope = this;
        while (scope.parent != null) {
            scope = scope.parent;
        }
        return scope;
    }

    public void set(String name, Object value) {
        names.put(name, value);
    }

    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.parent) {
            Object value = scope.names.get(name);
            if (value != null || scope.names.containsKey(name)) {
                return value;
            }
        }
        Object global = Globals.get(name);
        return global != null ? global : Undefined.name(name);
    }
}
