package io.github.psft4j.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Angles of rotary positions, tables that are shared, and positions that no table has. */
class RotaryTableTest {

    @Test
    void anglesArePositionTimesFrequency() {
        RotaryTable table = new RotaryTable(5, 4, 100);
        assertArrayEquals(new float[] {1, 0.1f}, RotaryTable.frequencies(4, 100), 1e-7f);
        for (int p = 0; p < 5; p++) {
            assertEquals(Math.cos(p), table.cos()[2 * p], 1e-6);
            assertEquals(Math.sin(p * 0.1), table.sin()[2 * p + 1], 1e-6);
        }
        RotaryTable scaled = new RotaryTable(5, new float[] {1, 0.1f}, 1.5);
        assertEquals(1.5 * Math.cos(3), scaled.cos()[6], 1e-6);
        assertEquals(1.5 * Math.sin(3), scaled.sin()[6], 1e-6);
    }

    @Test
    void tablesAreSharedAndGrowInPowersOfTwo() {
        float[] frequencies = {1, 0.123f};
        RotaryTable table = RotaryTable.of(65, frequencies, 1);
        assertEquals(128, table.positions());
        assertSame(table, RotaryTable.of(128, frequencies.clone(), 1));
        assertEquals(256, RotaryTable.of(129, frequencies, 1).positions());
        assertEquals(64, RotaryTable.of(64, frequencies, 1).positions());
        assertEquals(64, RotaryTable.of(1, frequencies, 1).positions());
        assertNotSame(table, RotaryTable.of(65, new float[] {1, 0.124f}, 1));
        assertNotSame(table, RotaryTable.of(65, frequencies, 1.1));
    }

    /** Frequencies that follow the length of the sequence would otherwise fill the memory. */
    @Test
    void onlyTheSixteenTablesUsedLastAreKept() {
        float[] mine = {0.777f};
        RotaryTable table = RotaryTable.of(64, mine, 1);
        for (int i = 0; i < 15; i++) {
            RotaryTable.of(64, new float[] {2 + i}, 1);
        }
        assertSame(table, RotaryTable.of(64, mine, 1)); // now the one used last
        for (int i = 15; i < 30; i++) {
            RotaryTable.of(64, new float[] {2 + i}, 1);
        }
        assertSame(table, RotaryTable.of(64, mine, 1));
        for (int i = 30; i < 46; i++) {
            RotaryTable.of(64, new float[] {2 + i}, 1);
        }
        assertNotSame(table, RotaryTable.of(64, mine, 1));
    }

    @Test
    void headsOfAnotherWidthAndPositionsBeyondTheTableAreRefused() {
        RotaryTable table = new RotaryTable(10, 4, 100);
        AttentionShape shape = new AttentionShape(2, 4, 1, 1, 4);
        assertDoesNotThrow(() -> table.check(shape, 0));
        assertDoesNotThrow(() -> table.check(shape, 6));
        assertMessage("positions 7 to 10", table, shape, 7);
        assertMessage("positions -1 to 2", table, shape, -1);
        assertMessage("headDim is 6 but the rotary table was made for 4", table, new AttentionShape(1, 1, 1, 1, 6), 0);
        AttentionShape packed = new AttentionShape(1, 20, 1, 1, 4).within(Segments.of(twoOfTen(), 1, 20));
        assertDoesNotThrow(() -> table.check(packed, 0), "positions count within the sequence");
    }

    private static int[] twoOfTen() {
        int[] sequences = new int[20];
        Arrays.fill(sequences, 10, 20, 1);
        return sequences;
    }

    private static void assertMessage(String part, RotaryTable table, AttentionShape shape, int first) {
        String message = assertThrows(IllegalArgumentException.class, () -> table.check(shape, first))
                .getMessage();
        assertTrue(message.contains(part), message);
    }
}
