package io.github.psft4j.spark;

import java.io.Serializable;

/**
 * What a task sends to the driver.
 *
 * @param <T> what one slice gives
 */
final class TaskResult<T extends Serializable> implements Serializable {

    private static final long serialVersionUID = 1L;

    private final Object[] parts; // by slice
    private final long nanos;

    /** @param nanos time of computing alone */
    TaskResult(Object[] parts, long nanos) {
        this.parts = parts;
        this.nanos = nanos;
    }

    @SuppressWarnings("unchecked") // filled by the function of this result type
    T part(int i) {
        return (T) parts[i];
    }

    int size() {
        return parts.length;
    }

    long nanos() {
        return nanos;
    }
}
