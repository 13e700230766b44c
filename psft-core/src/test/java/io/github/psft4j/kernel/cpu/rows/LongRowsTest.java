package io.github.psft4j.kernel.cpu.rows;

import static io.github.psft4j.kernel.GuardedArrays.assertClose;
import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.GuardedArrays;
import io.github.psft4j.kernel.RowGradient;
import io.github.psft4j.kernel.ScalarReference;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TensorOpsTest;
import io.github.psft4j.kernel.TensorOpsTest.Candidate;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.nd4j.Nd4jForm;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rows that are worked on in several blocks, as vocabularies are, and scratch memory that holds anything. */
class LongRowsTest {

    private static final String CANDIDATES = "io.github.psft4j.kernel.TensorOpsTest#candidates";
    private static final int V = 2500;
    private static final int[] TARGETS = {0, 1023, 1024, 1025, 2047, 2048, 2499};

    private static double[] row(double[] all, int i) {
        return Arrays.copyOfRange(all, i * V, (i + 1) * V);
    }

    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void aTargetMayStandAnywhereInALongVocabulary(Candidate it) {
        int n = TARGETS.length;
        double[] scale = {1, -2, 0.5, 3, 1, 0.25, -1};
        GuardedArrays arrays = it.arrays(11);
        INDArray scalar = arrays.scaledNormal(2, n, V);
        double[] z = values(scalar);
        INDArray dense = arrays.of(z, n, V);
        INDArray reference = arrays.scaledNormal(2, n, V);
        double[] zRef = values(reference);

        TokenStatistics ofScalar = TokenStatistics.ofRows(n);
        it.ops().softmax().forward(scalar, TARGETS, 0, ofScalar);
        it.ops().softmax().grad(scalar, TARGETS, 0, ofScalar, scale);
        TokenStatistics ofDense = TokenStatistics.dense(n);
        double[] none = new double[n];
        it.ops().softmax().denseForward(dense, reference, TARGETS, 0, ofDense);
        it.ops()
                .softmax()
                .denseGrad(dense, reference, TARGETS, 0, ofDense, new RowGradient(scale, none, none, none, none, none));

        double[] gradient = new double[n * V];
        for (int i = 0; i < n; i++) {
            double[] p = ScalarReference.softmaxRow(row(z, i));
            for (int c = 0; c < V; c++) {
                gradient[i * V + c] = scale[i] * (p[c] - (c == TARGETS[i] ? 1 : 0));
            }
            double logSumExp = ScalarReference.logSumExp(row(z, i));
            double tolerance = 10 * it.tolerance();
            for (TokenStatistics statistics : new TokenStatistics[] {ofScalar, ofDense}) {
                assertEquals(z[i * V + TARGETS[i]] - logSumExp, statistics.logProb()[i], tolerance);
                assertEquals(ScalarReference.entropy(row(z, i)), statistics.entropy()[i], tolerance);
                assertEquals(logSumExp, statistics.logSumExp(i), tolerance);
            }
            double refLogSumExp = ScalarReference.logSumExp(row(zRef, i));
            assertEquals(refLogSumExp, ofDense.dense().refLogSumExp(i), tolerance);
            assertEquals(
                    zRef[i * V + TARGETS[i]] - refLogSumExp, ofDense.dense().refLogProb()[i], tolerance);
        }
        assertClose(gradient, scalar, it.tolerance(), "gradient");
        assertClose(gradient, dense, it.tolerance(), "dense gradient");
        arrays.assertGuardsIntact();
    }

    /** Outputs with few rows are split among the workers by columns, where the product is large enough. */
    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void productsOfFewLongRowsMatchScalarLoops(Candidate it) {
        int n = 20;
        int in = 3000;
        int out = 5;
        GuardedArrays arrays = it.arrays(16);
        INDArray x = arrays.normal(n, in);
        INDArray w = arrays.normal(out, in);
        INDArray dy = arrays.normal(n, out);
        INDArray dx = arrays.normal(n, in);
        INDArray dw = arrays.normal(out, in);
        double[] dxExpected = ScalarReference.product(values(dy), false, values(w), false, values(dx), 0.5, n, in, out);
        double[] dwExpected = ScalarReference.product(values(dy), true, values(x), false, values(dw), 0.5, out, in, n);
        it.ops().products().gradInput(dy, w, dx, 0.5);
        it.ops().products().gradWeight(dy, x, dw, 0.5);
        assertClose(dxExpected, dx, it.tolerance(), "dx");
        assertClose(dwExpected, dw, it.tolerance(), "dw");
        arrays.assertGuardsIntact();
    }

    /** The product of generation: one row, its outputs split among the workers. */
    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void aProductOfOneLongRowMatchesScalarLoops(Candidate it) {
        int in = 300;
        int out = 301;
        GuardedArrays arrays = it.arrays(17);
        INDArray x = arrays.normal(1, in);
        INDArray w = arrays.normal(out, in);
        INDArray y = arrays.normal(1, out);
        double[] expected = ScalarReference.product(values(x), false, values(w), true, values(y), 0.5, 1, out, in);
        it.ops().products().linear(x, w, y, 0.5);
        assertClose(expected, y, it.tolerance(), "y");
        arrays.assertGuardsIntact();
    }

    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void aPartOfAnArrayIsReadFromItsOffset(Candidate it) {
        INDArray x = it.arrays(13).of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
        float[] out = {0, 0, 0, 9};
        it.ops().vectors().read(x, 2, out, 3);
        assertArrayEquals(new float[] {3, 4, 5, 9}, out);
        it.ops().vectors().read(x, 3, out, 1);
        assertArrayEquals(new float[] {4, 4, 5, 9}, out);
        INDArray y = it.arrays(14).garbage(2, 3);
        it.ops().serial().vectors().copy(x, y);
        assertClose(values(x), y, 0, "copied on one thread");
    }

    @Test
    void targetsOutsideTheVocabularyAreRefusedByEverySweepOfThePortableForm() {
        TensorOps ops = new TensorOps(new Nd4jForm());
        GuardedArrays arrays = new GuardedArrays(DataType.DOUBLE, 15);
        double[] one = {1, 1};
        int[] outside = {0, 3};
        TokenStatistics of = TokenStatistics.dense(2);
        assertThrows(
                IllegalArgumentException.class,
                () -> ops.softmax().denseForward(arrays.normal(2, 3), null, outside, 0, of));
        RowGradient gradient = new RowGradient(one, one, one, one, one, one);
        assertThrows(
                IllegalArgumentException.class,
                () -> ops.softmax().denseGrad(arrays.normal(2, 3), null, outside, 0, of, gradient));
        assertThrows(
                IllegalArgumentException.class, () -> ops.softmax().grad(arrays.normal(2, 3), outside, 0, of, one));
    }

    /** Otherwise a right result may be the luck that an operation before had the same operand. */
    @Test
    void noOperationLivesOnWhatAnotherLeftInTheScratch() {
        TensorOps cpu = TensorOpsTest.cpu(1, new PlainRows());
        TensorOps portable = new TensorOps(new Nd4jForm());
        GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 12);
        INDArray x = arrays.normal(6, 1500);
        INDArray dy = arrays.normal(6, 1500);
        INDArray dh = arrays.normal(6, 750);
        assertSame(
                cpu, portable, arrays.normal(6, 1500), (ops, y) -> ops.vectors().copy(x, y));
        assertSame(
                cpu, portable, arrays.normal(6, 1500), (ops, y) -> ops.vectors().add(x, y));
        assertSame(cpu, portable, arrays.normal(1500), (ops, y) -> ops.vectors().sumRows(x, y));
        for (Activation a : Activation.values()) {
            assertSame(
                    cpu,
                    portable,
                    arrays.normal(6, 1500),
                    (ops, y) -> ops.activations().apply(a, x, y));
            assertSame(
                    cpu,
                    portable,
                    arrays.normal(6, 1500),
                    (ops, y) -> ops.activations().grad(a, dy, x, y));
            assertSame(
                    cpu,
                    portable,
                    arrays.normal(6, 750),
                    (ops, y) -> ops.activations().gated(a, x, y));
            assertSame(
                    cpu,
                    portable,
                    arrays.normal(6, 1500),
                    (ops, y) -> ops.activations().gatedGrad(a, dh, x, y));
        }
    }

    private static void assertSame(
            TensorOps cpu, TensorOps portable, INDArray y, BiConsumer<TensorOps, INDArray> operation) {
        INDArray expected = y.dup('c');
        operation.accept(portable, expected);
        ThreadScratch scratch = ThreadScratch.local();
        for (int slot = 0; slot < ThreadScratch.ROW_MATH + 2; slot++) {
            float[] a = scratch.array(slot, 4096);
            Arrays.fill(a, Float.NaN);
        }
        operation.accept(cpu, y);
        assertClose(values(expected), y, 1e-5, "with worthless scratch memory");
    }
}
