package io.github.psft4j.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Positions count from the start of each sequence, and numbers that describe no layout are refused. */
class SequenceLayoutTest {

    @Test
    void positionsCountFromTheStartOfEachSequence() {
        SequenceLayout s = SequenceLayout.of(new int[] {1, 1, 1, 0, -1, 2, 2, 2, 2, 2}, 2, 5);
        assertArrayEquals(new int[] {0, 1, 2, 0, 0, 0, 1, 2, 3, 4}, s.positions());
        assertEquals(3, s.count());
        assertEquals(3, s.start(0));
        assertEquals(0, s.start(1));
        assertEquals(5, s.start(2));
        assertEquals(1, s.length(0));
        assertEquals(5, s.longest());
        assertArrayEquals(
                new int[] {0, 1, 2, 0, 1, 2}, SequenceLayout.whole(2, 3).positions());
    }

    @Test
    void paddedRowsAreWholeWithoutPadding() {
        assertTrue(SequenceLayout.padded(new int[] {4, 4}, 4).isWhole());
        SequenceLayout s = SequenceLayout.padded(new int[] {2, 4}, 4);
        assertEquals(SequenceLayout.of(new int[] {0, 0, -1, -1, 1, 1, 1, 1}, 2, 4), s);
        assertTrue(s.isOnePerRow() && !s.isWhole());
        assertTrue(!SequenceLayout.of(new int[] {0, 1, 2, 2}, 2, 2).isOnePerRow());
    }

    @Test
    void numbersThatDescribeNoLayoutAreRefused() {
        assertRefused("sequence 0 starts a second time at row 0, position 2", 0, 1, 0, 2, 2, 2);
        assertRefused("sequence 1 starts a second time at row 1, position 0", 0, 1, 1, 1);
        assertRefused("sequence 0 of 2 has no token", 1, 1, -1, -1);
        assertRefused("sequence number -2 at row 0, position 1", 0, -2, 1, 1);
        assertRefused("sequence number 4 at row 1, position 1", 0, 0, 1, 4);
    }

    private static void assertRefused(String part, int... sequences) {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> SequenceLayout.of(sequences, 2, sequences.length / 2));
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
