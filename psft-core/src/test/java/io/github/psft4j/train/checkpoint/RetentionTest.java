package io.github.psft4j.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which checkpoints go, whatever the order and the metrics they come with. */
class RetentionTest {

    private static Manifest checkpoint(int step, Double metric) {
        return new Manifest(Manifest.FORMAT, step, metric, Map.of(), Map.of());
    }

    private static List<Integer> superfluous(Retention retention, List<Manifest> all) {
        return retention.superfluous(all).stream().map(Manifest::step).toList();
    }

    @Test
    void theNewestStayInWhateverOrderTheyAreListed() {
        List<Manifest> all = new ArrayList<>(List.of(checkpoint(1, null), checkpoint(3, null), checkpoint(2, null)));
        assertEquals(List.of(1), superfluous(Retention.DEFAULT, all));
        Collections.reverse(all);
        assertEquals(List.of(2, 1), superfluous(new Retention(1, 0, false), all));
        assertEquals(List.of(), superfluous(new Retention(3, 0, false), all));
    }

    @Test
    void theLowestMetricIsTheBestAndNaNNever() {
        List<Manifest> all = List.of(
                checkpoint(1, 2.0),
                checkpoint(2, 0.5),
                checkpoint(3, Double.NaN),
                checkpoint(4, null),
                checkpoint(5, 0.7),
                checkpoint(6, 3.0));
        assertEquals(List.of(5, 4, 3, 1), superfluous(new Retention(1, 0, true), all));
        assertEquals(List.of(5, 4, 3, 2, 1), superfluous(new Retention(1, 0, false), all));
        assertEquals(
                List.of(1), superfluous(new Retention(1, 0, true), List.of(checkpoint(1, Double.NaN), all.get(1))));
    }

    @Test
    void multiplesStayAndStepZeroIsOne() {
        List<Manifest> all =
                List.of(checkpoint(0, null), checkpoint(5, null), checkpoint(6, null), checkpoint(7, null));
        assertEquals(List.of(6), superfluous(new Retention(1, 5, false), all));
        assertEquals(List.of(6, 5, 0), superfluous(new Retention(1, 0, false), all));
    }

    @Test
    void atLeastOneIsKept() {
        assertEquals(1, new Retention(1, 0, false).last());
        assertThrows(IllegalArgumentException.class, () -> new Retention(0, 0, false));
        assertThrows(IllegalArgumentException.class, () -> new Retention(1, -1, false));
    }
}
