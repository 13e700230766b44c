package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.TemplateError;
import java.util.Map;

/** {@code namespace()}: the one thing that a template may change. */
public record Namespace(Map<String, Object> attributes) implements PythonObject {
    /** Refuses what transformers refuses. */
    public void set(String name, Object value) {
        TemplateError.when(
                name.startsWith("_"),
                "Chat templates cannot store underscore-prefixed attributes on a namespace, but got '%s'. Please"
                        + " rename the attribute.",
                name);
        attributes.put(name, value);
    }

    @Override
    public Object member(String name) {
        return attributes.getOrDefault(name, Args.ABSENT);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
