package io.github.psft4j.examples.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.examples.report.AfterRun.Point;
import io.github.psft4j.monitor.report.Chart;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Means and intervals are over seeds, of one method and one start each. */
class AfterReportTest {

    // Of 0.8, 0.9 and 1.0: mean 0.9, standard error 0.1 / sqrt 3, Student's t at two degrees of freedom 4.3027.
    private static final double HALF = 4.302653 * 0.1 / Math.sqrt(3);

    private static final List<AfterRun> RUNS = List.of(
            run("grpo", "base", 1, 400, 0.8),
            run("grpo", "base", 2, 400, 0.9),
            run("grpo", "base", 3, 400, 1.0),
            run("grpo", "sft", 1, 400, 0.2),
            run("dpo", "base", 1, 70, 0.6),
            run("dpo", "base", 2, 80, 0.8));

    @Test
    void aPointIsTheMeanOverSeedsWithItsInterval() {
        List<Chart> charts = new AfterReport(RUNS).charts();
        assertEquals(
                List.of("after-dpo", "after-grpo"),
                charts.stream().map(Chart::id).toList());
        List<Chart.Line> lines = charts.get(1).lines();
        assertEquals(
                List.of("from sft", "from base"),
                lines.stream().map(Chart.Line::name).toList());
        assertArrayEquals(new double[] {0.5, 0.9}, lines.get(1).values(), 1e-12);
        assertArrayEquals(new double[] {0, HALF}, lines.get(1).errors(), 1e-5);
        assertFalse(lines.get(0).hasErrors(), "one seed has no interval");
        assertArrayEquals(new double[] {0, 75}, charts.get(0).lines().get(0).steps(), 1e-12);
    }

    @Test
    void theTableSaysSeedsAndGain() {
        List<String> rows = new AfterReport(RUNS).table().lines().toList();
        assertEquals(2 + 3, rows.size());
        assertTrue(
                rows.get(4).startsWith("| grpo | base | 3 | 50.0 +- 0.0 % | 90.0 +- 24.8 % | 40.0 +- 24.8 % |"),
                rows.get(4));
        assertTrue(rows.get(3).startsWith("| grpo | sft | 1 | 50.0 % | 20.0 % | -30.0 % |"), rows.get(3));
    }

    private static AfterRun run(String method, String start, long seed, int steps, double additions) {
        return new AfterRun(method, start, seed, "", List.of(new Point(0, 0.5, 0.9), new Point(steps, additions, 0.8)));
    }
}
