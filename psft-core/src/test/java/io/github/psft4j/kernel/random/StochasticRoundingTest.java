package io.github.psft4j.kernel.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.AdamWStep;
import io.github.psft4j.kernel.Vectors;
import io.github.psft4j.kernel.Views;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Rounding of AdamW's moments to bfloat16. */
class StochasticRoundingTest {

    private static final int N = 200_000;

    @Test
    void resultIsANeighbourAndRightOnAverage() {
        StochasticRounding rounding = new StochasticRounding(42, 7, 0);
        for (float value : new float[] {1.0011f, -3.7e-9f, 0.1f, 12345.678f}) {
            double sum = 0;
            float below = StochasticRounding.value((short) (Float.floatToRawIntBits(value) >>> 16));
            float above = StochasticRounding.value((short) ((Float.floatToRawIntBits(value) >>> 16) + 1));
            for (int i = 0; i < N; i++) {
                float rounded = StochasticRounding.value(StochasticRounding.round(value, rounding.bits(i)));
                assertTrue(rounded == below || rounded == above, rounded + " of " + value);
                sum += rounded;
            }
            double deviation = Math.abs(above - below) / Math.sqrt(N); // at least twice the standard deviation
            assertEquals(value, sum / N, 2.5 * deviation);
        }
    }

    @Test
    void whatBfloat16CanHoldStaysAndSpecialValuesStaySpecial() {
        for (int random : new int[] {0, 1, 0x8000, 0xffff}) {
            for (float exact : new float[] {0, -0.0f, 1, -1.5f, Float.POSITIVE_INFINITY, 0x1p-126f}) {
                assertEquals(exact, StochasticRounding.value(StochasticRounding.round(exact, random)));
            }
            assertTrue(Float.isNaN(StochasticRounding.value(StochasticRounding.round(Float.NaN, random))));
            float lowNan = Float.intBitsToFloat(0x7f80_0001);
            assertTrue(Float.isNaN(StochasticRounding.value(StochasticRounding.round(lowNan, random))));
            assertTrue(Float.isFinite(StochasticRounding.value(StochasticRounding.round(Float.MAX_VALUE, random))));
        }
    }

    @Test
    void randomNumbersFollowFromSeedStepAndPlaceAlone() {
        StochasticRounding a = new StochasticRounding(1, 2, 100);
        assertEquals(a.bits(5), new StochasticRounding(1, 2, 0).bits(105));
        assertEquals(a.bits(5), a.at(105).bits(0));
        assertNotEquals(a.bits(5), new StochasticRounding(2, 2, 100).bits(5));
        assertNotEquals(a.bits(5), new StochasticRounding(1, 3, 100).bits(5));
        assertNotEquals(a.bits(5), a.bits(6));
        long ones = 0;
        int both = 0;
        for (int i = 0; i < N; i++) {
            ones += Integer.bitCount(a.bits(i));
            both += (a.bits(i) & 1) == (a.bits(i) >>> 16 & 1) ? 1 : 0;
        }
        assertEquals(16, (double) ones / N, 0.05, "bits are set half of the time");
        assertEquals(0.5, (double) both / N, 0.01, "both halves are independent");
        assertNotEquals(a.bits(5), a.bits(5 + (1L << 32)), "places beyond 2^32");
    }

    /** The kernel's step against the float step and the rounding of this class, number by number. */
    @Test
    void stepOverMomentsInBfloat16IsTheFloatStepWithBothRounded() {
        Random random = new Random(3);
        int n = 5_000;
        Vectors vectors = TensorOpsFactory.forType(DataType.FLOAT).vectors();
        INDArray w = normal(random, n);
        INDArray g = normal(random, n);
        INDArray m = normal(random, n).castTo(DataType.BFLOAT16);
        INDArray v = normal(random, n);
        v.muli(v.dup());
        v = v.castTo(DataType.BFLOAT16);
        INDArray expectedW = w.dup();
        INDArray floatM = m.castTo(DataType.FLOAT);
        INDArray floatV = v.castTo(DataType.FLOAT);
        AdamWStep step = new AdamWStep(1e-2, 0.9, 0.999, 1e-8, 0.1, 0.5, 3);
        vectors.adamW(expectedW, g, floatM, floatV, step);
        StochasticRounding rounding = new StochasticRounding(9, 3, 1_000);
        vectors.adamW(w, g, m, v, step, rounding);
        assertArrayEquals(floats(expectedW), floats(w), "weights");
        float[] firsts = floats(m.castTo(DataType.FLOAT));
        float[] seconds = floats(v.castTo(DataType.FLOAT));
        int different = 0;
        for (int i = 0; i < n; i++) {
            int bits = rounding.bits(i);
            float first = floatM.getFloat(i);
            assertEquals(StochasticRounding.value(StochasticRounding.round(first, bits)), firsts[i]);
            float second = floatV.getFloat(i);
            assertEquals(StochasticRounding.value(StochasticRounding.round(second, bits >>> 16)), seconds[i]);
            different += first == firsts[i] ? 0 : 1;
        }
        assertTrue(different > n / 2, "most floats are no bfloat16");
    }

    /** On views too, with the bits of the place in the whole vector. */
    @Test
    void partsGiveTheBitsOfTheWhole() {
        Random random = new Random(4);
        int n = 3_000;
        Vectors vectors = TensorOpsFactory.forType(DataType.FLOAT).vectors();
        INDArray w = normal(random, n);
        INDArray g = normal(random, n);
        INDArray m = Nd4j.zeros(DataType.BFLOAT16, n);
        INDArray v = Nd4j.zeros(DataType.BFLOAT16, n);
        INDArray partsW = w.dup();
        INDArray partsM = m.dup();
        INDArray partsV = v.dup();
        AdamWStep step = new AdamWStep(1e-2, 0.9, 0.999, 1e-8, 0, 1, 1);
        StochasticRounding rounding = new StochasticRounding(9, 1, 0);
        vectors.adamW(w, g, m, v, step, rounding);
        for (int[] part : new int[][] {{0, 1_234}, {1_234, n}}) {
            vectors.adamW(
                    Views.span(partsW, part[0], part[1]),
                    Views.span(g, part[0], part[1]),
                    Views.span(partsM, part[0], part[1]),
                    Views.span(partsV, part[0], part[1]),
                    step,
                    rounding.at(part[0]));
        }
        assertArrayEquals(floats(w), floats(partsW));
        assertArrayEquals(floats(m.castTo(DataType.FLOAT)), floats(partsM.castTo(DataType.FLOAT)));
        assertArrayEquals(floats(v.castTo(DataType.FLOAT)), floats(partsV.castTo(DataType.FLOAT)));
    }

    private static INDArray normal(Random random, int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Nd4j.createFromArray(values);
    }

    private static float[] floats(INDArray array) {
        return array.dup().data().asFloat();
    }
}
