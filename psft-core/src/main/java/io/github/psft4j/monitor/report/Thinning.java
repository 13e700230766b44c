package io.github.psft4j.monitor.report;

import java.util.stream.IntStream;

/**
 * Fewer points of a long line, without losing a spike: of every bucket of consecutive points the lowest and the highest
 * stay, in their order.
 */
final class Thinning {

    /** Most points of a line on a page: more than a screen has columns. */
    static final int MAX_POINTS = 2_000;

    private Thinning() {}

    /** The line itself if it has few points. */
    static Chart.Line thin(Chart.Line line) {
        int n = line.values().length;
        if (n <= MAX_POINTS) {
            return line;
        }
        int buckets = MAX_POINTS / 2;
        return line.at(IntStream.range(0, buckets)
                .flatMap(b ->
                        extremes(line.values(), (int) ((long) b * n / buckets), (int) ((long) (b + 1) * n / buckets)))
                .toArray());
    }

    /** Where the lowest and the highest of the values in [from, to) stand, in their order. */
    private static IntStream extremes(double[] values, int from, int to) {
        int low = from;
        int high = from;
        for (int i = from; i < to; i++) {
            low = values[i] < values[low] ? i : low;
            high = values[i] > values[high] ? i : high;
        }
        return IntStream.of(low, high).sorted().distinct();
    }
}
