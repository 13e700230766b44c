package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.GuardedArrays.assertClose;
import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.GuardedArrays;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.ScalarActivation;
import io.github.psft4j.kernel.ScalarReference;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.Views;
import io.github.psft4j.kernel.WeightScope;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What {@link Nd4jForm} promises beyond the right numbers. */
class Nd4jFormTest {

    @Test
    void resultsSurviveAnyWorkspaceTheyAreComputedIn() {
        AttentionShape shape = new AttentionShape(2, 9, 4, 2, 8);
        GuardedArrays arrays = new GuardedArrays(DataType.DOUBLE, 1);
        INDArray qkv = arrays.normal(shape.rows(), shape.qkvWidth());
        INDArray out = arrays.garbage(shape.rows(), shape.outWidth());
        INDArray logSumExp = arrays.garbage((long) shape.batch() * shape.heads(), shape.time());
        WorkspaceConfiguration learning = WorkspaceConfiguration.builder().build();
        for (int i = 0; i < 3; i++) { // the first scope learns the size, the later ones reuse the memory
            out.assign(Double.NaN);
            try (MemoryWorkspace outer = Nd4j.getWorkspaceManager().getAndActivateWorkspace(learning, "OUTER")) {
                new TensorOps(new Nd4jForm()).attention().forward(qkv, shape, out, logSumExp);
                assertSame(outer, Nd4j.getMemoryManager().getCurrentWorkspace());
            }
        }
        var expected = new ScalarReference.Attention(values(qkv), shape, null);
        assertClose(expected.out, out, 1e-12, "out");
        assertClose(expected.logSumExp, logSumExp, 1e-12, "logSumExp");
    }

    @Test
    void nothingIsRoundedHeldOrKept() {
        TensorOps ops = new TensorOps(new Nd4jForm());
        assertEquals(Precision.F32, ops.products().precision());
        assertSame(ops, ops.serial());
        GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 3);
        INDArray x = arrays.normal(4, 3);
        INDArray w = arrays.normal(2, 3);
        INDArray y = arrays.garbage(4, 2);
        WeightScope scope = ops.products().holdWeights();
        w.muli(2);
        ops.handleCache().run(() -> ops.products().linear(x, w, y, 0));
        scope.close();
        assertClose(ScalarReference.product(values(x), false, values(w), true, values(y), 0, 4, 2, 3), y, 1e-6, "y");
    }

    @Test
    void geluInFloatIsAsExactInItsTailsAsInTheMiddle() {
        TensorOps ops = new TensorOps(new Nd4jForm());
        int n = 40_001;
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = 20f * i / (n - 1) - 10;
        }
        x[0] = -1e9f;
        x[n - 1] = 1e9f;
        x[n / 2] = 0;
        INDArray xs = Nd4j.createFromArray(x);
        INDArray value = Nd4j.create(DataType.FLOAT, n);
        INDArray slope = Nd4j.create(DataType.FLOAT, n);
        ops.activations().apply(Activation.GELU, xs, value);
        ops.activations().grad(Activation.GELU, Nd4j.ones(DataType.FLOAT, n), xs, slope);
        for (int i = 0; i < n; i++) {
            double exact = ScalarActivation.value(Activation.GELU, x[i]);
            assertEquals(exact, value.getFloat(i), 8e-7 * Math.max(1, Math.abs(exact)), "GELU of " + x[i]);
            exact = ScalarActivation.slope(Activation.GELU, x[i]);
            assertEquals(exact, slope.getFloat(i), 2e-6, "slope of GELU at " + x[i]);
        }
    }

    @Test
    void rowsAndPositionsOutsideTheirTablesAreRefused() {
        TensorOps ops = new TensorOps(new Nd4jForm());
        GuardedArrays arrays = new GuardedArrays(DataType.DOUBLE, 1);
        INDArray table = arrays.normal(5, 3);
        double[] before = values(table);
        INDArray rows = arrays.normal(2, 3);
        assertThrows(IllegalArgumentException.class, () -> ops.vectors().gatherRows(table, new int[] {0, 5}, rows));
        assertThrows(
                IllegalArgumentException.class, () -> ops.vectors().scatterAddRows(rows, new int[] {0, -1}, table));
        AttentionShape shape = new AttentionShape(1, 4, 1, 1, 2);
        INDArray qkv = arrays.normal(4, 6);
        RotaryTable rotary = new RotaryTable(6, 2, 10_000);
        assertThrows(IllegalArgumentException.class, () -> ops.attention().rotate(qkv, shape, rotary, 3, false));
        assertThrows(
                IllegalArgumentException.class,
                () -> ops.cachedAttention().rotate(qkv, shape, rotary, new int[] {0, 1, 6, 2}));
        assertArrayEquals(before, values(table), "a refused call must not write");
    }

    @Test
    void targetsOutsideTheVocabularyAreRefused() {
        INDArray logits = new GuardedArrays(DataType.DOUBLE, 1).normal(2, 3);
        double[] before = values(logits);
        TokenStatistics statistics = TokenStatistics.ofRows(2);
        assertThrows(
                IllegalArgumentException.class,
                () -> new TensorOps(new Nd4jForm()).softmax().forward(logits, new int[] {0, 3}, 0, statistics));
        assertArrayEquals(before, values(logits), "a refused call must not write");
    }

    /** The view trap of ND4J that {@link Views} exists for: rows near the end of a view with a small offset. */
    @Test
    void rowsOfAViewAtAnOffsetAreFound() {
        INDArray x = new GuardedArrays(DataType.DOUBLE, 1).of(new double[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, 3, 3);
        assertClose(new double[] {3, 4, 5}, Views.rowRange(x, 1, 2), 0, "row 1");
        assertClose(new double[] {6, 7, 8}, Views.narrow(x, 0, 2, 3).dup('c'), 0, "row 2");
        assertClose(new double[] {1, 4, 7}, Views.narrow(x, 1, 1, 2).dup('c'), 0, "column 1");
    }
}
