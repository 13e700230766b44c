package io.github.psft4j.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.TensorOpsTest.Candidate;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Angles of rotary positions, tables that are shared, and positions that no table has. */
class RotaryTableTest {

    @Test
    void anglesArePositionTimesFrequency() {
        RotaryTable table = new RotaryTable(5, 4, 100);
        assertEquals(2, table.half());
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
        AttentionShape packed = new AttentionShape(1, 20, 1, 1, 4).within(SequenceLayout.of(twoOfTen(), 1, 20));
        assertDoesNotThrow(() -> table.check(packed, 0), "positions count within the sequence");
    }

    @ParameterizedTest
    @MethodSource("io.github.psft4j.kernel.TensorOpsTest#candidates")
    void rotationsAskTheTable(Candidate it) {
        RotaryTable table = new RotaryTable(10, 4, 100);
        AttentionShape beyond = new AttentionShape(1, 11, 1, 1, 4);
        AttentionShape wide = new AttentionShape(1, 3, 1, 1, 6);
        AttentionShape rows = new AttentionShape(3, 1, 1, 1, 4);
        GuardedArrays arrays = it.arrays(1);
        Map<String, Executable> refused = Map.of(
                "positions 0 to 10 are",
                        () -> it.ops().attention().rotate(arrays.normal(11, 12), beyond, table, 0, false),
                "positions 9 to 19 are",
                        () -> it.ops().attention().rotate(arrays.normal(11, 12), beyond, table, 9, false),
                "headDim is 6", () -> it.ops().attention().rotate(arrays.normal(3, 18), wide, table, 0, true),
                "positions 10 to 10 are",
                        () -> it.ops().cachedAttention().rotate(arrays.normal(3, 12), rows, table, new int[] {0, 1, 10
                        }));
        refused.forEach((part, rotation) -> {
            String message =
                    assertThrows(IllegalArgumentException.class, rotation).getMessage();
            assertTrue(message.contains(part), message);
        });
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
