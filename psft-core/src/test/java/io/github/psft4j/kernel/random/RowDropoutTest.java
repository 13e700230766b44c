package io.github.psft4j.kernel.random;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.psft4j.kernel.TensorOps;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Dropout of rows: its mean, its seeds, and the same numbers in every form. */
class RowDropoutTest {

    private static float[] factors(double rate, int n, long seed) {
        float[] ones = new float[n];
        Arrays.fill(ones, 1);
        new RowDropout(rate).apply(ones, n, seed);
        return ones;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.05, 0.5, 0.9})
    void theShareIsLeftOutAndTheMeanStays(double rate) {
        int n = 1 << 20;
        float[] factors = factors(rate, n, 7);
        double sum = 0;
        int left = 0;
        for (float f : factors) {
            sum += f;
            left += f == 0 ? 1 : 0;
        }
        double deviation = Math.sqrt(rate * (1 - rate) / n);
        assertEquals(rate, left / (double) n, 5 * deviation + 1e-9);
        assertEquals(1, sum / n, 5 * deviation / (1 - rate) + 1e-6);
    }

    @Test
    void neighboursAndSeedsAreUnrelated() {
        int n = 1 << 16;
        double[][] all = LongStream.range(0, 2)
                .mapToObj(seed -> {
                    float[] f = factors(0.5, n, RowDropout.seed(seed, 1));
                    double[] signs = new double[n];
                    Arrays.setAll(signs, i -> f[i] - 1);
                    return signs;
                })
                .toArray(double[][]::new);
        double seeds = 0;
        double neighbours = 0;
        for (int i = 1; i < n; i++) {
            seeds += all[0][i] * all[1][i];
            neighbours += all[0][i] * all[0][i - 1];
        }
        assertEquals(0, seeds / n, 5 / Math.sqrt(n));
        assertEquals(0, neighbours / n, 5 / Math.sqrt(n));
    }

    @Test
    void aRateOfOneIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new RowDropout(1));
        assertThrows(IllegalArgumentException.class, () -> new RowDropout(Double.NaN));
    }

    @ParameterizedTest
    @MethodSource("io.github.psft4j.kernel.TensorOpsTest#floatImplementations")
    void everyFormLeavesOutTheSame(TensorOps ops) {
        INDArray x = Nd4j.rand(DataType.FLOAT, 5, 37).addi(1);
        long[] seeds = {1, 2, 3, 1, 5};
        INDArray out = Nd4j.create(DataType.FLOAT, 5, 37);
        ops.vectors().dropout(x, seeds, 0.3, out);
        for (int i = 0; i < 5; i++) {
            float[] expected = x.getRow(i).dup().data().asFloat();
            new RowDropout(0.3).apply(expected, 37, seeds[i]);
            assertArrayEquals(expected, out.getRow(i).dup().data().asFloat(), 1e-6f);
        }
        ops.vectors().dropout(x, seeds, 0.3, x);
        assertExact(out, x, "in place");
        assertFalse(out.getRow(0).equals(out.getRow(3)), "other numbers of the same places");
    }
}
