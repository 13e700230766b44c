package io.github.psft4j.monitor.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Marks are round, inside the axis, and told apart by their labels. */
class AxisTest {

    @Test
    void ticksAreRoundAndInsideTheAxis() {
        assertEquals(List.of("0", "0.2", "0.4", "0.6", "0.8", "1"), labels(new Axis(0, 1.02, false)));
        assertEquals(List.of("0", "100", "200", "300", "400"), labels(new Axis(0, 480, false)));
        assertEquals(List.of("0.01", "0.02", "0.05", "0.1"), labels(new Axis(0.008, 0.11, true)));
        assertEquals(List.of("-3", "-2", "-1", "0"), labels(new Axis(-3.9, 0.1, false)));
    }

    @Test
    void closeTicksKeepTheDigitsThatTellThemApart() {
        assertEquals(List.of("0.998", "0.999", "1", "1.001", "1.002"), labels(new Axis(0.9975, 1.0021, false)));
        assertEquals(List.of("0.985", "0.99", "0.995", "1", "1.005", "1.01"), labels(new Axis(0.985, 1.012, true)));
    }

    @Test
    void aLevelLineLiesInsideItsAxis() {
        Axis axis = Axis.holding(new double[] {1, 1}, Chart.Scale.FITTED);
        assertEquals(0.5, axis.position(1), 1e-12);
        Axis almost = Axis.holding(new double[] {0.98, Math.nextUp(0.98)}, Chart.Scale.FITTED);
        assertEquals(5, almost.ticks().size(), 2);
        assertEquals(0, Axis.holding(new double[] {0, 0}, Chart.Scale.FROM_ZERO).position(0));
        assertEquals(
                0, Axis.holding(new double[] {0.2, 0.4}, Chart.Scale.FROM_ZERO).from());
        assertEquals(
                -0.42,
                Axis.holding(new double[] {-0.4, -0.2}, Chart.Scale.FROM_ZERO).from(),
                1e-12);
    }

    private static List<String> labels(Axis axis) {
        return axis.ticks().stream().map(axis::label).toList();
    }
}
