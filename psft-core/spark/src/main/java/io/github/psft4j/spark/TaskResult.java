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
    private final long readyNanos;
    private final long computeNanos;

    /**
     * @param readyNanos until the replica had the weights
     * @param computeNanos from then on
     */
    TaskResult(Object[] parts, long readyNanos, long computeNanos) {
        this.parts = parts;
        this.readyNanos = readyNanos;
        this.computeNanos = computeNanos;
    }

    @SuppressWarnings("unchecked") // filled by the function of this result type
    T part(int i) {
        return (T) parts[i];
    }

    int size() {
        return parts.length;
    }

    long readyNanos() {
        return readyNanos;
    }

    long computeNanos() {
        return computeNanos;
    }
}
