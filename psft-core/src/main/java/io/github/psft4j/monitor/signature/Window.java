package io.github.psft4j.monitor.signature;

import java.util.Arrays;

/** The last n finite values of a metric. */
final class Window {

    private final double[] values; // [n], a ring
    private final double[] sorted; // [n]
    private long added;

    Window(int n) {
        values = new double[n];
        sorted = new double[n];
    }

    /** Values that are not finite belong to skipped steps and are left out. */
    void add(double value) {
        if (Double.isFinite(value)) {
            values[(int) (added++ % values.length)] = value;
        }
    }

    boolean isFull() {
        return added >= values.length;
    }

    double mean() {
        return Arrays.stream(values, 0, size()).average().orElse(Double.NaN);
    }

    double median() {
        int n = size();
        System.arraycopy(values, 0, sorted, 0, n);
        Arrays.sort(sorted, 0, n);
        return n == 0 ? Double.NaN : sorted[n / 2];
    }

    private int size() {
        return (int) Math.min(added, values.length);
    }
}
