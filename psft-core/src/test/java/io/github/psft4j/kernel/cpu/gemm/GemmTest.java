package io.github.psft4j.kernel.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products of parts of larger matrices, every operand transposed or not, with both factors. */
class GemmTest {

    private static final int M = 4;
    private static final int N = 5;
    private static final int K = 6;
    private static final int LD = 9; // rows are longer than what the product reads of them
    private static final int AT = 3;

    @ParameterizedTest
    @MethodSource("io.github.psft4j.kernel.TensorOpsTest#gemms")
    void everyTranspositionOfFewRowsAndOfMoreMatchesScalarLoops(Gemm gemm) {
        for (boolean transA : new boolean[] {false, true}) {
            for (boolean transB : new boolean[] {false, true}) {
                for (int m : new int[] {1, M, M + 1}) {
                    assertProduct(gemm, transA, transB, m);
                }
            }
        }
    }

    private static void assertProduct(Gemm gemm, boolean transA, boolean transB, int m) {
        Random random = new Random(m);
        float[] a = normal(random);
        float[] b = normal(random);
        float[] c = normal(random);
        float[] expected = c.clone();
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < N; j++) {
                double sum = 0;
                for (int k = 0; k < K; k++) {
                    sum += (double) a[AT + (transA ? k * LD + i : i * LD + k)]
                            * b[AT + (transB ? j * LD + k : k * LD + j)];
                }
                int at = AT + i * LD + j;
                expected[at] = (float) (2 * sum + 0.5 * c[at]);
            }
        }
        FloatMemory memory = memory(c);
        Matrix c0 = new Matrix().at(memory, AT, LD);
        gemm.run(m, N, K, 2, matrix(a, transA), matrix(b, transB), 0.5f, c0);
        float[] actual = new float[c.length];
        memory.get(0, actual, actual.length);
        String at = gemm.name() + ", " + transA + " " + transB + " " + m;
        assertArrayEquals(expected, actual, 1e-5f, at);
        for (int i = 0; i < c.length; i++) {
            boolean written = i >= AT && (i - AT) / LD < m && (i - AT) % LD < N;
            assertEquals(written, c[i] != actual[i], at + " at " + i);
        }
    }

    private static Matrix matrix(float[] a, boolean transposed) {
        Matrix matrix = new Matrix();
        return transposed ? matrix.transposed(memory(a), AT, LD) : matrix.at(memory(a), AT, LD);
    }

    private static float[] normal(Random random) {
        float[] a = new float[80];
        for (int i = 0; i < a.length; i++) {
            a[i] = (float) random.nextGaussian();
        }
        return a;
    }

    private static FloatMemory memory(float[] a) {
        FloatMemory memory = FloatMemory.allocate(a.length);
        memory.put(0, a, a.length);
        return memory;
    }
}
