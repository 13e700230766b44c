package io.github.psft4j.examples.experiment;

/**
 * A number with its interval of 95 %.
 *
 * @param value of all runs
 * @param low lower end
 * @param high upper end
 */
record Estimate(double value, double low, double high) {

    /** Whether the whole interval is above 0. */
    boolean isPositive() {
        return low > 0;
    }

    /** Whether the whole interval is below 0. */
    boolean isNegative() {
        return high < 0;
    }

    /** Half the width of the interval. */
    double half() {
        return (high - low) / 2;
    }

    /** All three numbers changed by the same amount. */
    Estimate plus(double amount) {
        return new Estimate(value + amount, low + amount, high + amount);
    }

    /** The number of the opposite sign. */
    Estimate negated() {
        return new Estimate(-value, -high, -low);
    }
}
