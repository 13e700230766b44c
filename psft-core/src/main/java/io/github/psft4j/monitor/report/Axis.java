package io.github.psft4j.monitor.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Maps values to the interval [0, 1] and chooses round tick marks.
 *
 * @param from lowest value
 * @param to highest value, above {@code from}
 * @param logarithmic whether the mapping is logarithmic; {@code from} is then positive
 */
public record Axis(double from, double to, boolean logarithmic) {

    private static final int TICKS = 5;

    /** An axis of the given scale that holds all {@code values}. */
    static Axis holding(double[] values, Chart.Scale scale) {
        double low = Arrays.stream(values).min().orElse(0);
        double high = Arrays.stream(values).max().orElse(0);
        if (scale == Chart.Scale.LOGARITHMIC) {
            boolean empty = values.length == 0;
            return new Axis(empty ? 0.1 : low / 1.15, empty ? 1 : high * 1.15, true);
        }
        if (values.length == 0) {
            return new Axis(0, 1, false);
        }
        if (scale == Chart.Scale.FROM_ZERO) {
            low = Math.min(0, low);
            high = Math.max(0, high);
        }
        // A level line is readable in the middle of a plot, an axis of no height is not. Values that differ in their
        // last digits only, as an average of equal values does, are level.
        boolean level = high - low <= 1e-9 * Math.max(Math.abs(high), Math.abs(low));
        double margin = level ? Math.max(1e-3, 0.05 * Math.abs(high)) : 0.05 * (high - low);
        boolean onZero = scale == Chart.Scale.FROM_ZERO && low == 0;
        return new Axis(onZero ? 0 : low - margin, onZero && high == 0 ? 1 : high + margin, false);
    }

    /** Where {@code value} lies, 0 at {@link #from} and 1 at {@link #to}. */
    public double position(double value) {
        return logarithmic ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
    }

    /** Round values inside the axis. */
    public List<Double> ticks() {
        return isDecadic() ? logarithmicTicks() : linearTicks();
    }

    /** The shortest plain way to write a tick or another value of its coarseness. */
    public String label(double tick) {
        // Rounding removes what binary fractions leave at the end of a multiple of 0.1.
        BigDecimal exact = BigDecimal.valueOf(tick);
        BigDecimal rounded = isDecadic()
                ? exact.round(new MathContext(3))
                : exact.setScale(2 - (int) Math.floor(Math.log10(step())), RoundingMode.HALF_EVEN);
        return rounded.stripTrailingZeros().toPlainString();
    }

    /**
     * The label of a mark that another program chose; empty on a logarithmic axis unless it is one of {@link #ticks}.
     */
    public String labelOfTick(double mark) {
        boolean labelled = !logarithmic || ticks().stream().anyMatch(tick -> Math.abs(tick / mark - 1) < 1e-6);
        return labelled ? label(mark) : "";
    }

    /** Whether round powers of ten and their multiples lie close enough to be the marks. */
    private boolean isDecadic() {
        return logarithmic && to / from > 4;
    }

    /** Distance of the ticks of a linear axis: 1, 2 or 5 times a power of ten. */
    private double step() {
        double raw = (to - from) / TICKS;
        double decade = Math.pow(10, Math.floor(Math.log10(raw)));
        double fraction = raw / decade;
        return decade * (fraction > 7 ? 10 : fraction > 3 ? 5 : fraction > 1.5 ? 2 : 1);
    }

    private List<Double> linearTicks() {
        double step = step();
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
