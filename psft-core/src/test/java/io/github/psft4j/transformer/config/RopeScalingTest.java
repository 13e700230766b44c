package io.github.psft4j.transformer.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.RotaryTable;
import org.junit.jupiter.api.Test;

/** Frequencies at the ends of each rule, where the formula is known by heart; transformers checks the middle. */
class RopeScalingTest {

    private static final int DIM = 64;
    private static final double THETA = 10_000;
    private static final float[] PLAIN = RotaryTable.frequencies(DIM, THETA);

    private static float[] scaled(RopeScaling scaling, int length) {
        return scaling.frequencies(DIM, THETA, 2048, length);
    }

    @Test
    void llama3AndYarnKeepFastChannelsAndDivideSlowOnes() {
        for (RopeScaling s :
                new RopeScaling[] {RopeScaling.llama3(8, 1, 4, 2048), RopeScaling.yarn(8, 2048, 32, 1, true, 1.2)}) {
            float[] f = scaled(s, 100);
            assertEquals(PLAIN[0], f[0]);
            assertEquals(PLAIN[31] / 8, f[31], 1e-12);
            for (int i = 1; i < f.length; i++) {
                assertTrue(f[i] < f[i - 1] && f[i] <= PLAIN[i] && f[i] >= PLAIN[i] / 8.0001, "channel " + i);
            }
        }
    }

    @Test
    void dynamicChangesNothingUpToTheModelsPositionsAndDividesTheSlowestChannelByTheStretchBeyond() {
        RopeScaling s = RopeScaling.dynamic(3);
        assertArrayEquals(PLAIN, scaled(s, 2048));
        double stretch = 3.0 * 4096 / 2048 - 2;
        // theta^(-(d-2)/d) with theta times stretch^(d/(d-2)): exactly 1/stretch
        assertEquals(PLAIN[31] / stretch, scaled(s, 4096)[31], 1e-9);
        assertEquals(1, scaled(s, 4096)[0]);
    }

    @Test
    void rulesThatStretchTheContextAllowLongerSequences() {
        assertEquals(100, RopeScaling.NONE.longestSequence(100));
        assertEquals(100, RopeScaling.llama3(8, 1, 4, 50).longestSequence(100));
        assertEquals(250, RopeScaling.linear(2.5).longestSequence(100));
        assertEquals(400, RopeScaling.yarn(4, 100, 32, 1, true, 1).longestSequence(100));
        assertEquals(400, RopeScaling.yarn(4, 100, 32, 1, true, 1).longestSequence(400));
        assertEquals(Integer.MAX_VALUE, RopeScaling.dynamic(2).longestSequence(100));
    }

    @Test
    void valuesOutsideTheirRangeAreNamed() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> RopeScaling.llama3(8, 4, 1, 100));
        assertTrue(e.getMessage().contains("highFrequencyFactor must be above lowFrequencyFactor"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> RopeScaling.linear(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> RopeScaling.yarn(4, 0, 32, 1, true, 1));
    }
}
