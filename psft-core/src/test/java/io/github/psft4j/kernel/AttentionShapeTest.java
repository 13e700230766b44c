package io.github.psft4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Where what lies in the arrays of attention, and shapes that are none. */
class AttentionShapeTest {

    @Test
    void columnsLieOneBehindTheOther() {
        AttentionShape s = new AttentionShape(2, 3, 4, 2, 8, 2, 0.5);
        assertEquals(6, s.rows());
        assertEquals(2, s.group());
        assertEquals(64, s.qkvWidth());
        assertEquals(32, s.outWidth());
        int at = 0;
        for (int h = 0; h < 4; h++, at += 8) {
            assertEquals(at, s.queryColumn(h));
        }
        for (int g = 0; g < 2; g++, at += 8) {
            assertEquals(at, s.keyColumn(g));
        }
        for (int g = 0; g < 2; g++, at += 8) {
            assertEquals(at, s.valueColumn(g));
        }
        int[] places = new int[2 * 4 * 3];
        for (int row = 0; row < 6; row++) {
            for (int h = 0; h < 4; h++) {
                places[(int) s.logSumExpAt(row, h)]++;
                assertEquals((row / 3 * 4 + h) * 3 + row % 3, s.logSumExpAt(row, h)); // [B * H, T]
            }
        }
        assertEquals(24, Arrays.stream(places).filter(p -> p == 1).count());
    }

    @Test
    void aWindowIncludesTheQueryItself() {
        AttentionShape s = new AttentionShape(1, 9, 1, 1, 2, 3, 1);
        assertEquals(0, s.firstVisible(2));
        assertEquals(1, s.firstVisible(3));
        assertEquals(0, new AttentionShape(1, 9, 1, 1, 2).firstVisible(8));
        assertEquals(1 / Math.sqrt(2), new AttentionShape(1, 9, 1, 1, 2).scale(), 1e-15);
        assertEquals(new AttentionShape(1, 4, 1, 1, 2, 3, 1), s.withTime(4));
    }

    @Test
    void shapesThatAreNoneAreRefused() {
        assertRefused(0, 1, 4, 0, 1);
        assertRefused(1, 0, 4, 0, 1);
        assertRefused(4, 3, 4, 0, 1);
        assertRefused(4, 2, 0, 0, 1);
        assertRefused(4, 2, 4, -1, 1);
        for (double scale : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(4, 2, 4, 0, scale);
        }
        AttentionShape s = new AttentionShape(1, 2, 1, 1, 1, 0, 1);
        for (SequenceLayout other : new SequenceLayout[] {SequenceLayout.whole(2, 2), SequenceLayout.whole(1, 3)}) {
            assertThrows(IllegalArgumentException.class, () -> new AttentionShape(1, 2, 1, 1, 1, 0, 1, other));
        }
        assertEquals(s, s.within(SequenceLayout.whole(1, 2)));
    }

    private static void assertRefused(int heads, int kvHeads, int headDim, int window, double scale) {
        assertThrows(
                IllegalArgumentException.class, () -> new AttentionShape(1, 1, heads, kvHeads, headDim, window, scale));
    }

    @Test
    void segmentsAreEqualByWhatTheyHold() {
        SequenceLayout s = SequenceLayout.of(new int[] {0, 0, -1, 1}, 2, 2);
        assertEquals(s, SequenceLayout.of(new int[] {0, 0, -1, 1}, 2, 2));
        assertEquals(
                s.hashCode(), SequenceLayout.of(new int[] {0, 0, -1, 1}, 2, 2).hashCode());
        assertNotEquals(s, SequenceLayout.of(new int[] {0, 0, -1, 1}, 1, 4));
        assertNotEquals(s, SequenceLayout.of(new int[] {0, 0, 1, -1}, 2, 2));
        assertNotEquals(SequenceLayout.whole(2, 3), SequenceLayout.whole(3, 2));
        assertNotEquals(SequenceLayout.whole(2, 3), SequenceLayout.whole(2, 4));
        assertEquals("lengths [2, 1] in 2 x 2", s.toString());
        assertEquals("2 x 3", SequenceLayout.whole(2, 3).toString());
        assertEquals(-1, s.sequence(2));
        assertEquals(1, s.sequence(3));
        assertThrows(IllegalArgumentException.class, () -> SequenceLayout.of(new int[3], 2, 2));
    }

    @Test
    void wholeRowsCountAsSequences() {
        SequenceLayout s = SequenceLayout.whole(3, 4);
        assertEquals(3, s.count());
        assertEquals(8, s.start(2));
        assertEquals(4, s.length(1));
        assertEquals(4, s.longest());
        assertEquals(2, s.sequence(11));
        assertEquals(3, s.position(11));
        assertEquals(true, s.isOnePerRow());
        assertEquals(
                false, SequenceLayout.of(new int[] {0, 0, 1, 1, -1, -1}, 3, 2).isOnePerRow()); // a row without any
        assertEquals(false, SequenceLayout.of(new int[] {-1, 0, 1, 1}, 2, 2).isOnePerRow()); // padding in front
        assertEquals(0, SequenceLayout.of(new int[] {-1, -1}, 1, 2).longest());
    }
}
