package io.github.psft4j.monitor.report;

import java.util.Arrays;

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
        double[] steps = new double[MAX_POINTS];
        double[] values = new double[MAX_POINTS];
        int kept = 0;
        for (int b = 0; b < buckets; b++) {
            int from = (int) ((long) b * n / buckets);
            int to = (int) ((long) (b + 1) * n / buckets);
            int low = from;
            int high = from;
            for (int i = from; i < to; i++) {
                low = line.values()[i] < line.values()[low] ? i : low;
                high = line.values()[i] > line.values()[high] ? i : high;
            }
            int first = Math.min(low, high);
            int second = Math.max(low, high);
            steps[kept] = line.steps()[first];
            values[kept++] = line.values()[first];
            if (second != first) {
                steps[kept] = line.steps()[second];
                values[kept++] = line.values()[second];
            }
        }
        return new Chart.Line(
                line.name(), line.run(), line.dashed(), Arrays.copyOf(steps, kept), Arrays.copyOf(values, kept));
    }
}
