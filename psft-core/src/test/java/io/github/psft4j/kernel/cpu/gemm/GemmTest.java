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
    private static final int NUMBERS = 80; // of a whole matrix

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

    /** Long sums are computed in blocks. */
    @ParameterizedTest
    @MethodSource("io.github.psft4j.kernel.TensorOpsTest#gemms")
    void sumsOfManyTermsMatchScalarLoopsInEveryTransposition(Gemm gemm) {
        int m = 20;
        for (int k : new int[] {192, 385, 901}) {
            float[] a = normal(new Random(k), m * k);
            float[] b = normal(new Random(-k), k * N);
            float[] c = normal(new Random(1), m * N);
            for (int form = 0; form < 4; form++) {
                boolean transA = form % 2 == 1;
                boolean transB = form / 2 == 1;
                float[] expected = new float[m * N];
                for (int at = 0; at < expected.length; at++) {
                    int i = at / N;
                    int j = at % N;
                    double sum = 0;
                    for (int t = 0; t < k; t++) {
                        sum += (double) a[transA ? t * m + i : i * k + t] * b[transB ? j * k + t : t * N + j];
                    }
                    expected[at] = (float) (2 * sum + 0.5 * c[at]);
                }
                FloatMemory memory = memory(c);
                Matrix left = new Matrix();
                Matrix right = new Matrix();
                gemm.run(
                        m,
                        N,
                        k,
                        2,
                        transA ? left.transposed(memory(a), 0, m) : left.at(memory(a), 0, k),
                        transB ? right.transposed(memory(b), 0, k) : right.at(memory(b), 0, N),
                        0.5f,
                        new Matrix().at(memory, 0, N));
                float[] actual = new float[c.length];
                memory.get(0, actual, actual.length);
                assertArrayEquals(expected, actual, 5e-4f, gemm.name() + ", " + transA + " " + transB + " " + k);
            }
        }
    }

    private static void assertProduct(Gemm gemm, boolean transA, boolean transB, int m) {
        Random random = new Random(m);
        float[] a = normal(random, NUMBERS);
        float[] b = normal(random, NUMBERS);
        float[] c = normal(random, NUMBERS);
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

    private static float[] normal(Random random, int n) {
        float[] a = new float[n];
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
