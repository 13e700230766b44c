package io.github.psft4j.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The loops that attention's passes share write their n elements and no other. */
class AttentionRowsTest {

    @Test
    void sumsOfProductsLeaveTheElementsBehindThem() {
        float[] p = {1, 2, 3};
        float[] dp = {10, 100, 1000};
        float[] sumP = {1, 1, 1};
        float[] sumPdp = {1, 1, 1};
        AttentionRows.addProducts(p, dp, sumP, sumPdp, 2);
        assertArrayEquals(new float[] {2, 3, 1}, sumP);
        assertArrayEquals(new float[] {11, 201, 1}, sumPdp);
    }

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
