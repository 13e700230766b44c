package io.github.psft4j.kernel.cpu.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.cpu.rows.VectorOperand.Part;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The loops of a process's first work give the bits of the vector loops that follow them. */
class FirstLoopsTest {

    private static final int[] LENGTHS = {1, 7, 8, 15, 16, 17, 33, 64, 100, 172, 683};

    private final Random random = new Random(9);
    private VectorRows rows;

    @BeforeEach
    void needsTheModule() {
        assumeTrue(RowMathFactory.moduleLoaded(), "the Vector module is not loaded");
        rows = new VectorRows();
    }

    @AfterEach
    void restore() {
        FirstLoops.leave(FirstLoops.ALL);
    }

    /** With room for a vector behind the n elements. */
    private float[] row(int n, double deviation) {
        float[] a = new float[n + 2 * VectorRows.lanes()];
        for (int i = 0; i < n; i++) {
            a[i] = (float) (deviation * random.nextGaussian());
        }
        return a;
    }

    private static int[] bits(float[] a, int n) {
        int[] bits = new int[n];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(a[i]));
        return bits;
    }

    /** Runs the work in both ways on copies of the arrays; their first n elements must end up the same. */
    private static void assertSameBits(String what, int n, Consumer<float[][]> work, float[]... arrays) {
        float[][] first = Arrays.stream(arrays).map(float[]::clone).toArray(float[][]::new);
        float[][] vectors = Arrays.stream(arrays).map(float[]::clone).toArray(float[][]::new);
        FirstLoops.leave(Long.MAX_VALUE);
        work.accept(first);
        FirstLoops.leave(0);
        work.accept(vectors);
        for (int k = 0; k < first.length; k++) {
            int length = Math.min(n, first[k].length);
            assertArrayEquals(bits(vectors[k], length), bits(first[k], length), what + " of " + n + ", array " + k);
        }
    }

    @Test
    void rowsOfAnyLengthHaveTheSameBits() {
        for (int n : LENGTHS) {
            float[] x = row(n, 1);
            float[] y = row(n, 1);
            assertSameBits("add", n, a -> rows.add(a[0], a[1], n), x, y);
            assertSameBits("multiply", n, a -> rows.multiply(a[0], a[1], n), x, y);
            assertSameBits("scale", n, a -> rows.scale(a[0], n, 0.3f), x);
            assertSameBits("dot", n, a -> a[2][0] = rows.dot(a[0], a[1], n), x, y, new float[1]);
            assertSameBits("norm", n, a -> a[2][0] = rows.rmsNorm(a[0], a[1], n, 1e-5), x, y, new float[1]);
            assertSameBits("rotate", 2 * n, a -> rows.rotate(a[0], 0, n, a[1], a[2], 0, -1), row(2 * n, 1), x, y);
            float[] z = row(n, 40);
            z[0] = Float.NEGATIVE_INFINITY;
            z[n / 2] = 200;
            assertSameBits("SiLU", n, a -> rows.activate(Activation.SILU, a[0], a[1], n), z, y);
            assertSameBits("quick GELU", n, a -> rows.activate(Activation.QUICK_GELU, a[0], a[1], n), z, y);
            for (float[] scores : new float[][] {row(n, 2), z}) {
                float largest = rows.max(scores, n);
                Consumer<float[][]> softmax = a -> {
                    double[] sums = new double[2];
                    rows.expSums(a[0], n, largest, sums);
                    a[1][0] = (float) sums[0];
                    a[2][0] = (float) sums[1];
                };
                assertSameBits("softmax", n, softmax, scores, new float[1], new float[1]);
            }
        }
    }

    @Test
    void scoresOfCachedHeadsHaveTheSameBits() {
        VectorCachedHeads heads = new VectorCachedHeads(rows);
        for (int n : LENGTHS) {
            int step = n + VectorRows.lanes(); // of two heads
            float[] scores = row(2 * step, 30);
            scores[n / 2] = Float.NaN;
            scores[step + n - 1] = -1000;
            Arrays.fill(scores, n, step, 1e9f); // no score of either head
            float[] max = {Float.NEGATIVE_INFINITY, 5};
            assertSameBits("maxima", 2, a -> heads.maxima(a[1], step, 2, n, a[0]), max, scores);
            assertSameBits("exponentials", n, a -> heads.exponentials(a[0], step, 2, n, a[1]), scores, new float[2]);
        }
    }

    @Test
    void productsOfFewRowsHaveTheSameBits() {
        int lanes = VectorRows.lanes();
        int n = 13;
        for (int columns : new int[] {lanes, 2 * lanes}) {
            for (int height = 1; height <= 6; height++) {
                int left = height * n;
                int out = height * columns;
                int together = height;
                Consumer<float[][]> work = a -> {
                    Part result = new Part(a[0], columns, columns - lanes, out);
                    Part right = new Part(a[2], columns, lanes, n * columns);
                    Part rowsOfLeft = new Part(a[1], n, 0, left);
                    new VectorOperand(rowsOfLeft, right, result, result).run(2, together, 0, 0, n, 0);
                    new VectorOperand(
                                    rowsOfLeft,
                                    right,
                                    VectorOperand.ZERO,
                                    new Part(a[3], columns, columns - lanes, out))
                            .run(2, together, 0, 0, n, 0);
                };
                assertSameBits(
                        height + " rows, " + columns + " columns",
                        2 * out,
                        work,
                        row(2 * out, 1),
                        row(2 * left, 1),
                        row(2 * n * columns, 1),
                        row(2 * out, 1));
            }
        }
    }

    @Test
    void theFirstWorkEnds() {
        FirstLoops.leave(10);
        assertTrue(FirstLoops.take(8));
        assertTrue(FirstLoops.take(8));
        assertFalse(FirstLoops.take(1));
    }
}
