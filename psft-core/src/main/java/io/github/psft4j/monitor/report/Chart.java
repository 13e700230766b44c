package io.github.psft4j.monitor.report;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.stream.IntStream;

/**
 * A line chart over optimizer steps, independent of how it is drawn.
 *
 * @param id short name, used for file names and links: lower case and hyphens
 * @param title what is shown
 * @param unit of the vertical axis
 * @param scale of the vertical axis
 * @param lines what is drawn
 */
public record Chart(String id, String title, String unit, Scale scale, List<Line> lines) {

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
     */
    public record Line(String name, int run, boolean dashed, double[] steps, double[] values) {

        /** @throws IllegalArgumentException if the coordinates differ in number */
        public Line {
            if (steps.length != values.length) {
                throw new IllegalArgumentException(
                        "line " + name + " has " + steps.length + " steps and " + values.length + " values");
            }
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
                    Arrays.stream(points).mapToDouble(i -> values[i]).toArray());
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

    /** The vertical axis that holds all {@link #drawable} lines. */
    public Axis verticalAxis() {
        double[] values = drawable().stream()
                .flatMapToDouble(line -> Arrays.stream(line.values()))
                .toArray();
        return Axis.holding(values, scale);
    }
}
