package io.github.psft4j.examples.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Maps values to the interval [0, 1] and chooses round tick marks.
 *
 * @param from lowest value
 * @param to highest value, above {@code from}
 * @param logarithmic whether the mapping is logarithmic; {@code from} is then positive
 */
record Axis(double from, double to, boolean logarithmic) {

    private static final int TICKS = 5;

    /** An axis that holds all {@code values}; it starts at zero unless it is logarithmic. */
    static Axis holding(double[] values, boolean logarithmic) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        if (logarithmic) {
            boolean empty = values.length == 0;
            return new Axis(empty ? 0.1 : low / 1.15, empty ? 1 : high * 1.15, true);
        }
        // A line along the bottom of the plot is readable, an axis of no height is not.
        return new Axis(0, high > 0 ? high * 1.05 : 1, false);
    }

    /** Where {@code value} lies, 0 at {@link #from} and 1 at {@link #to}. */
    double position(double value) {
        return logarithmic ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
    }

    /** Round values inside the axis. */
    List<Double> ticks() {
        return logarithmic ? logarithmicTicks() : linearTicks();
    }

    /** The shortest plain way to write a tick. */
    static String label(double tick) {
        // Rounding to three digits removes what binary fractions leave at the end of a multiple of 0.1.
        return BigDecimal.valueOf(tick)
                .round(new MathContext(3))
                .stripTrailingZeros()
                .toPlainString();
    }

    /**
     * The label of a mark that another program chose; empty on a logarithmic axis unless it is one of {@link #ticks}.
     */
    String labelOfTick(double mark) {
        boolean labelled = !logarithmic || ticks().stream().anyMatch(tick -> Math.abs(tick / mark - 1) < 1e-6);
        return labelled ? label(mark) : "";
    }

    private List<Double> linearTicks() {
        double raw = (to - from) / TICKS;
        double decade = Math.pow(10, Math.floor(Math.log10(raw)));
        double fraction = raw / decade;
        double step = decade * (fraction > 7 ? 10 : fraction > 3 ? 5 : fraction > 1.5 ? 2 : 1);
        List<Double> ticks = new ArrayList<>();
        for (long i = (long) Math.ceil(from / step); i * step <= to; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private List<Double> logarithmicTicks() {
        boolean wide = to / from > 1000;
        double[] multiples = wide ? new double[] {1} : new double[] {1, 2, 5};
        List<Double> ticks = new ArrayList<>();
        for (int exponent = (int) Math.floor(Math.log10(from)); Math.pow(10, exponent) <= to; exponent++) {
            for (double multiple : multiples) {
                double tick = multiple * Math.pow(10, exponent);
                if (tick >= from && tick <= to) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }
}
