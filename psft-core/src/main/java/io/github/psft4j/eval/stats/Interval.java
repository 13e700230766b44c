package io.github.psft4j.eval.stats;

/**
 * An interval of values.
 *
 * @param low lower end
 * @param high upper end
 */
public record Interval(double low, double high) {

    /** Whether a value lies in the interval, ends included. */
    public boolean contains(double value) {
        return value >= low && value <= high;
    }

    static void check(double confidence) {
        if (!(confidence > 0 && confidence < 1)) {
            throw new IllegalArgumentException("the confidence must be above 0 and below 1, was " + confidence);
        }
    }
}
