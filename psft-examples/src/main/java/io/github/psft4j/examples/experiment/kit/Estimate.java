package io.github.psft4j.examples.experiment.kit;

/**
 * A number with its interval of 95 %.
 *
 * @param value of all runs
 * @param low lower end
 * @param high upper end
 */
public record Estimate(double value, double low, double high) {

    /** Whether the whole interval is above 0. */
    public boolean isPositive() {
        return low > 0;
    }

    /** Whether the whole interval is below 0. */
    public boolean isNegative() {
        return high < 0;
    }

    /** Half the width of the interval. */
    public double half() {
        return (high - low) / 2;
    }

    /** All three numbers changed by the same amount. */
    public Estimate plus(double amount) {
        return new Estimate(value + amount, low + amount, high + amount);
    }

    /** The number of the opposite sign. */
    public Estimate negated() {
        return new Estimate(-value, -high, -low);
    }
}
