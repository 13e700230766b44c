package io.github.psft4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Length grouping permutes inside windows, is reproducible, and saves padding. */
class LengthGroupingTest {
    private static final int N = 1003;
    private static final int BATCH = 8;
    private static final int WINDOW = 10;

    private final int[] lengths = new Random(1).ints(N, 10, 500).toArray();
    private final int[] order = IntStream.range(0, N).map(i -> N - 1 - i).toArray();

    @Test
    void everyWindowKeepsItsDemonstrations() {
        int[] grouped = LengthGrouping.group(order, i -> lengths[i], BATCH, WINDOW, 5);
        for (int from = 0; from < N; from += BATCH * WINDOW) {
            int to = Math.min(N, from + BATCH * WINDOW);
            assertArrayEquals(
                    Arrays.stream(order, from, to).sorted().toArray(),
                    Arrays.stream(grouped, from, to).sorted().toArray());
        }
        assertArrayEquals(grouped, LengthGrouping.group(order, i -> lengths[i], BATCH, WINDOW, 5));
        assertFalse(Arrays.equals(grouped, LengthGrouping.group(order, i -> lengths[i], BATCH, WINDOW, 6)));
    }

    @Test
    void paddingFallsAndIsWhatBatchesPad() {
        int[] grouped = LengthGrouping.group(order, i -> lengths[i], BATCH, WINDOW, 5);
        double before = LengthGrouping.padding(order, i -> lengths[i], BATCH);
        double after = LengthGrouping.padding(grouped, i -> lengths[i], BATCH);
        assertTrue(before > 0.35 && after < 0.12, before + " -> " + after);
        assertEquals(1 - 6.0 / 8, LengthGrouping.padding(new int[] {0, 1}, i -> i == 0 ? 2 : 4, 2), 1e-15);
    }
}
