package io.github.psft4j.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What attention zeroes, and nothing beside it. */
class AttentionRowsTest {

    /** Zeros are copied 256 at a time; heads may be wider. */
    @Test
    void rowsOfAnyWidthAreZeroedAndNothingBetweenThem() {
        int stride = 700;
        for (int n : new int[] {1, 255, 256, 257, 600}) {
            FloatMemory memory = FloatMemory.allocate(3L * stride);
            float[] ones = new float[3 * stride];
            Arrays.fill(ones, 1);
            memory.put(0, ones, ones.length);
            AttentionRows.zeroRows(memory, 10, 2, stride, n);
            float[] actual = new float[ones.length];
            memory.get(0, actual, actual.length);
            for (int i = 0; i < actual.length; i++) {
                boolean zeroed = i >= 10 && i < 10 + n || i >= 10 + stride && i < 10 + stride + n;
                assertEquals(zeroed ? 0 : 1, actual[i], n + " at " + i);
            }
        }
    }
}
