package io.github.psft4j.kernel.cpu;

import static io.github.psft4j.kernel.GuardedArrays.assertClose;
import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.kernel.GuardedArrays;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.ScalarReference;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TensorOpsTest;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.Bf16Gemm;
import io.github.psft4j.kernel.cpu.gemm.OneDnn;
import io.github.psft4j.kernel.cpu.gemm.OneDnnGemm;
import java.util.Arrays;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Products of operands rounded to bfloat16: what is rounded, how far results may be off, when weights are converted.
 */
class Bf16ProductsTest {

    // rows, in, out: one of each, odd, few rows (columns are split), many rows, more rows than a block, a
    // weight that is converted in parts
    private static final int[][] SHAPES = {
        {1, 1, 1}, {1, 3, 5}, {5, 3, 1}, {33, 17, 9}, {3, 129, 300}, {70, 64, 131}, {600, 40, 24}, {9, 260, 270}
    };

    private TensorOps ops;

    @BeforeEach
    void whereThereAreInstructionsForIt() {
        assumeTrue(OneDnn.status().bf16Problem() == null, OneDnn.status().bf16Problem());
        ops = new TensorOps(new CpuForm(new WorkerPool(2), new OneDnnGemm(), Precision.BF16));
    }

    /** The three products of a linear layer, and what they are for operands as they are. */
    private static final class Case {
        final GuardedArrays arrays;
        final INDArray x; // [n, in]
        final INDArray w; // [out, in]
        final INDArray dy; // [n, out]
        final INDArray[] results;
        final double[][] expected;
        final double[][] magnitudes; // sum |a b| + |beta c|

        Case(int[] s, double beta, boolean rounded) {
            arrays = new GuardedArrays(DataType.FLOAT, s[0] + s[1] + s[2]);
            int n = s[0];
            int in = s[1];
            int out = s[2];
            x = operand(rounded, n, in);
            w = operand(rounded, out, in);
            dy = operand(rounded, n, out);
            results = new INDArray[] {result(beta, n, out), result(beta, n, in), result(beta, out, in)};
            expected = products(values(x), values(w), values(dy), n, in, out, beta, false);
            magnitudes = products(abs(values(x)), abs(values(w)), abs(values(dy)), n, in, out, beta, true);
        }

        private INDArray operand(boolean rounded, int rows, int cols) {
            INDArray a = arrays.normal(rows, cols);
            return rounded
                    ? arrays.of(
                            Arrays.stream(values(a))
                                    .map(Bf16ProductsTest::round)
                                    .toArray(),
                            rows,
                            cols)
                    : a;
        }

        private INDArray result(double beta, int rows, int cols) {
            return beta == 0 ? arrays.garbage(rows, cols) : arrays.normal(rows, cols);
        }

        private double[][] products(
                double[] xs, double[] ws, double[] dys, int n, int in, int out, double beta, boolean absolute) {
            double[][] c = new double[3][];
            for (int i = 0; i < 3; i++) {
                c[i] = absolute ? abs(values(results[i])) : values(results[i]);
            }
            return new double[][] {
                ScalarReference.product(xs, false, ws, true, c[0], beta, n, out, in),
                ScalarReference.product(dys, false, ws, false, c[1], beta, n, in, out),
                ScalarReference.product(dys, true, xs, false, c[2], beta, out, in, n)
            };
        }

        void run(TensorOps ops, double beta) {
            ops.products().linear(x, w, results[0], beta);
            ops.products().gradInput(dy, w, results[1], beta);
            ops.products().gradWeight(dy, x, results[2], beta);
            arrays.assertGuardsIntact();
        }

        private static double[] abs(double[] a) {
            return Arrays.stream(a).map(Math::abs).toArray();
        }
    }

    /** The nearest bfloat16, ties to even. */
    private static double round(double value) {
        int bits = Float.floatToRawIntBits((float) value);
        return Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
    }

    @Test
    void operandsThatAreBfloat16AlreadyGiveTheFloatResult() {
        for (int[] s : SHAPES) {
            for (double beta : new double[] {0, 1, 0.5}) {
                Case it = new Case(s, beta, true);
                it.run(ops, beta);
                for (int i = 0; i < 3; i++) {
                    assertClose(it.expected[i], it.results[i], 1e-5, i + " of " + Arrays.toString(s) + " beta " + beta);
                }
            }
        }
    }

    @Test
    void roundingOperandsMovesNoElementBeyondItsBoundAndTheWholeAsIndependentRoundingsDo() {
        for (int[] s : SHAPES) {
            Case it = new Case(s, 0, false);
            it.run(ops, 0);
            int[] lengths = {s[1], s[2], s[0]};
            for (int i = 0; i < 3; i++) {
                double[] actual = values(it.results[i]);
                double bound = 0x1p-7 + 0x1p-16 + lengths[i] * 0x1p-23;
                double error = 0;
                double size = 0;
                for (int j = 0; j < actual.length; j++) {
                    double difference = Math.abs(actual[j] - it.expected[i][j]);
                    assertTrue(
                            difference <= bound * it.magnitudes[i][j],
                            i + " of " + Arrays.toString(s) + "[" + j + "]: off by " + difference);
                    error += difference * difference;
                    size += it.expected[i][j] * it.expected[i][j];
                }
                if (actual.length > 1000) {
                    // Root mean square of a rounding: 2^-8 / sqrt(3) * 0.74, as mantissas are spread; two per product.
                    assertEquals(2.4e-3, Math.sqrt(error / size), 5e-4, i + " of " + Arrays.toString(s));
                }
            }
        }
    }

    @Test
    void bothGradientsAtOnceAreBitForBitTheTwo() {
        TensorOpsTest.bothGradientsAtOnceAreBitForBitTheTwo(ops, new GuardedArrays(DataType.FLOAT, 9));
    }

    /** Blocks of rows have kernels of their own where that is faster. */
    @Test
    void aRowOfABlockHasTheBitsThatItHasAmongFewer() {
        int block = Bf16Gemm.BLOCK;
        for (int[] s : new int[][] {{1024, 40}, {1536, 576}, {32, 96}, {48, 96}}) {
            GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, s[0]);
            INDArray x = arrays.normal(2 * block, s[0]);
            INDArray w = arrays.normal(s[1], s[0]);
            INDArray wt = arrays.normal(s[0], s[1]);
            for (double beta : new double[] {0, 1}) {
                INDArray y = arrays.normal(2 * block, s[1]);
                INDArray few = y.get(NDArrayIndex.interval(0, 100)).dup();
                INDArray rows = x.get(NDArrayIndex.interval(0, 100));
                INDArray dx = y.dup();
                INDArray fewDx = few.dup();
                String what = s[0] + " to " + s[1] + ", beta " + beta;
                ops.products().linear(x, w, y, beta);
                ops.products().linear(rows, w, few, beta);
                assertArrayEquals(
                        values(few), values(y.get(NDArrayIndex.interval(0, 100)).dup()), what);
                ops.products().gradInput(x, wt, dx, beta);
                ops.products().gradInput(rows, wt, fewDx, beta);
                assertArrayEquals(
                        values(fewDx),
                        values(dx.get(NDArrayIndex.interval(0, 100)).dup()),
                        "dx " + what);
            }
        }
    }

    /** Each gradient converts what it needs itself, whatever a product before has left. */
    @Test
    void theGradientOfAWeightAloneIsOfTheOperandsItIsGiven() {
        for (int[] s : SHAPES) {
            Case it = new Case(s, 1, true);
            ops.products().gradWeight(it.dy, it.x, it.results[2], 1);
            assertClose(it.expected[2], it.results[2], 1e-5, Arrays.toString(s));
        }
    }

    /** Of 256 shapes the descriptions are kept; a decoder that meets more forgets some and makes them anew. */
    @Test
    void moreShapesThanAreKeptGiveRightResultsAgain() {
        for (int i = 0; i < 310; i++) {
            int n = 1 + i % 300; // the first ten once more
            Case it = new Case(new int[] {n, 2, 1}, 0, true);
            ops.products().linear(it.x, it.w, it.results[0], 0);
            assertClose(it.expected[0], it.results[0], 1e-5, n + " rows");
        }
    }

    /** A step of training meets the same shapes as the one before. */
    @Test
    void aShapeMetBeforeTakesNoNewMemory() {
        Case it = new Case(new int[] {70, 64, 131}, 0, true);
        it.run(ops, 0);
        it.run(ops, 0);
        long pieces = Pointer.totalCount();
        for (int i = 0; i < 20; i++) {
            ops.products().linear(it.x, it.w, it.results[0], 0);
        }
        assertTrue(Pointer.totalCount() <= pieces, "more pieces of memory outside the heap than before");
    }

    @Test
    void conversionRoundsToNearestTiesToEvenAtEveryLength() {
        INDArray one = new GuardedArrays(DataType.FLOAT, 1).of(new double[] {1}, 1, 1);
        double[] special = {
            1 + 0x1p-8, 1 + 3 * 0x1p-8, 1 + 0x1p-8 + 0x1p-20, -1 - 0x1p-8, 0x1p-120, 3e38, 0, -0.0, 65504, 1e-5
        };
        for (int n : new int[] {1, 2, 3, 7, 10, 1000, 65_535, 65_536, 65_537, 140_001}) {
            GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, n);
            double[] given = values(arrays.normal(n));
            System.arraycopy(special, 0, given, n - Math.min(n, special.length), Math.min(n, special.length));
            INDArray x = arrays.of(given, n, 1);
            INDArray y = arrays.garbage(n, 1);
            ops.products().linear(x, one, y, 0);
            assertArrayEquals(
                    Arrays.stream(values(x)).map(Bf16ProductsTest::round).toArray(), values(y), 0, "length " + n);
            arrays.assertGuardsIntact();
        }
    }

    @Test
    void aWeightHeldIsConvertedOnceAndReadAnewAfterwards() {
        GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 3);
        INDArray x = arrays.normal(20, 8);
        INDArray w = arrays.normal(12, 8);
        double[] original = linear(x, w);
        double[] doubled = Arrays.stream(original).map(v -> 2 * v).toArray();
        try (WeightScope outer = ops.products().holdWeights()) {
            assertArrayEquals(original, linear(x, w));
            try (WeightScope inner = ops.products().holdWeights()) {
                w.muli(2);
                assertArrayEquals(original, linear(x, w), "inside the scope the copy is used");
            }
            assertArrayEquals(original, linear(x, w), "closing an inner scope ends nothing");
        }
        assertArrayEquals(doubled, linear(x, w), "after the scope");
        w.muli(0.5);
        assertArrayEquals(original, linear(x, w), "without a scope every use converts");
        try (WeightScope next = ops.products().holdWeights()) {
            w.muli(2);
            assertArrayEquals(doubled, linear(x, w), "a new scope converts anew");
        }
    }

    /** A sampler computes by these while the scope is that of the usual ones. */
    @Test
    void batchInvariantOperationsUseTheWeightsThatAreHeld() {
        GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 6);
        INDArray x = arrays.normal(20, 8);
        INDArray w = arrays.normal(12, 8);
        try (WeightScope scope = ops.products().holdWeights()) {
            double[] original = linear(x, w);
            w.muli(2);
            ops = ops.batchInvariant();
            assertArrayEquals(original, linear(x, w), "converted again");
        }
    }

    @Test
    void aBoundOnHeldWeightsChangesNoBitAndGivesUpTheOneNotUsedForLongest() {
        GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 5);
        INDArray x = arrays.normal(20, 8);
        INDArray[] w = {arrays.normal(12, 8), arrays.normal(12, 8), arrays.normal(6, 8)};
        double[][] original = {linear(x, w[0]), linear(x, w[1]), linear(x, w[2])};
        ops.products().holdAtMost((12 * 8 + 6 * 8) * 2L);
        try (WeightScope scope = ops.products().holdWeights()) {
            for (int i : new int[] {0, 1, 2, 0, 1, 2, 2, 1}) {
                assertArrayEquals(original[i], linear(x, w[i]), "weight " + i);
            }
            double[] doubled = Arrays.stream(original[0]).map(v -> 2 * v).toArray();
            w[0].muli(2);
            assertArrayEquals(doubled, linear(x, w[0]), "was given up for 1 and 2, so it is read anew");
            w[1].muli(2);
            w[0].muli(2);
            assertArrayEquals(doubled, linear(x, w[0]), "is held");
        } finally {
            ops.products().holdAtMost(Long.MAX_VALUE);
        }
    }

    private double[] linear(INDArray x, INDArray w) {
        INDArray y = new GuardedArrays(DataType.FLOAT, 0).garbage(x.size(0), w.size(0));
        ops.products().linear(x, w, y, 0);
        return values(y);
    }
}
