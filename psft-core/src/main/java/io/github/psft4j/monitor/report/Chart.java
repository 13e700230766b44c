package io.github.psft4j.monitor.report;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * A line chart, over optimizer steps unless it says otherwise, independent of how it is drawn.
 *
 * @param id short name, used for file names and links: lower case and hyphens
 * @param title what is shown
 * @param unit of the vertical axis
 * @param scale of the vertical axis
 * @param lines what is drawn
 * @param horizontal what the lines are over
 */
public record Chart(String id, String title, String unit, Scale scale, List<Line> lines, Horizontal horizontal) {

    /**
     * The horizontal axis. It begins at 0, a logarithmic one at the lowest coordinate.
     *
     * @param label below the axis
     * @param logarithmic whether it is; coordinates are then positive
     */
    public record Horizontal(String label, boolean logarithmic) {

        /** Optimizer steps. */
        public static final Horizontal STEPS = new Horizontal("optimizer step", false);

        /** The axis that holds all coordinates of {@code lines}. */
        Axis holding(List<Line> lines) {
            double[] all = lines.stream()
                    .flatMapToDouble(line -> Arrays.stream(line.steps()))
                    .toArray();
            if (logarithmic) {
                return Axis.holding(all, Scale.LOGARITHMIC);
            }
            double last = Arrays.stream(all).max().orElse(1);
            return new Axis(0, equals(STEPS) ? Math.max(1, last) : 1.05 * last, false);
        }
    }

    /** A chart over optimizer steps. */
    public Chart(String id, String title, String unit, Scale scale, List<Line> lines) {
        this(id, title, unit, scale, lines, Horizontal.STEPS);
    }

    /** How values become heights. */
    public enum Scale {
        /** Linear, from 0 or from the lowest negative value: for shares. */
        FROM_ZERO,
        /** Linear over the range of the values: for what moves around a number that is not 0. */
        FITTED,
        /** Logarithmic; values that are not positive are left out. */
        LOGARITHMIC
    }

    /**
     * One line.
     *
     * @param name legend
     * @param run index of the run that it belongs to, which gives its colour
     * @param dashed whether it is drawn thin and dashed
     * @param steps horizontal coordinates, ascending
     * @param values vertical coordinates
     * @param errors half the width of the interval around each value, 0 for none
     */
    public record Line(String name, int run, boolean dashed, double[] steps, double[] values, double[] errors) {

        /** @throws IllegalArgumentException if the coordinates differ in number */
        public Line {
            if (steps.length != values.length || steps.length != errors.length) {
                throw new IllegalArgumentException("line " + name + " has " + steps.length + " steps, " + values.length
                        + " values and " + errors.length + " errors");
            }
        }

        /** A line without intervals. */
        public Line(String name, int run, boolean dashed, double[] steps, double[] values) {
            this(name, run, dashed, steps, values, new double[values.length]);
        }

        /** Whether any value has an interval. */
        public boolean hasErrors() {
            return Arrays.stream(errors).anyMatch(error -> error > 0);
        }

        private Line keeping(DoublePredicate filter) {
            return at(IntStream.range(0, values.length)
                    .filter(i -> filter.test(values[i]))
                    .toArray());
        }

        /** The line of these points alone. */
        Line at(int[] points) {
            return new Line(
                    name,
                    run,
                    dashed,
                    Arrays.stream(points).mapToDouble(i -> steps[i]).toArray(),
                    Arrays.stream(points).mapToDouble(i -> values[i]).toArray(),
                    Arrays.stream(points).mapToDouble(i -> errors[i]).toArray());
        }
    }

    /** The lines are copied. */
    public Chart {
        lines = List.copyOf(lines);
    }

    /** Whether the vertical axis is logarithmic. */
    public boolean logarithmic() {
        return scale == Scale.LOGARITHMIC;
    }

    /**
     * The lines with what this chart can show of them: finite values, on a logarithmic axis positive ones. A line of
     * which nothing is left is left out.
     */
    public List<Line> drawable() {
        return lines.stream()
                .map(line -> line.keeping(value -> Double.isFinite(value) && (!logarithmic() || value > 0)))
                .filter(line -> line.values().length > 0)
                .toList();
    }

    /** The vertical axis that holds all {@link #drawable} lines, with those ends of intervals that it can show. */
    public Axis verticalAxis() {
        double[] values = drawable().stream()
                .flatMapToDouble(line -> IntStream.range(0, line.values().length)
                        .mapToObj(i -> DoubleStream.of(
                                line.values()[i] - line.errors()[i], line.values()[i] + line.errors()[i]))
                        .flatMapToDouble(ends -> ends))
                .filter(end -> !logarithmic() || end > 0)
                .toArray();
        return Axis.holding(values, scale);
    }
}
