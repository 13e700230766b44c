package io.github.psft4j.jinja;

import java.util.Map;

/** {@code namespace()}: the one thing that a template may change. */
record Namespace(Map<String, Object> attributes) {
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
