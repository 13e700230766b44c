package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.kernel.cpu.CpuForm;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.gemm.OneDnn;
import io.github.psft4j.kernel.nd4j.Nd4jForm;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Weights of type BFLOAT16 give the bits of the same values in float, in every form of the kernels. OpenBLAS sums the
 * elements at the edge of a matrix in another order, which shows where a weight is so large that it is cut. The loops
 * of AVX2 for few rows take one row and a large weight of this type, and none in float.
 */
class Bf16WeightsTest {

    // rows, in, out: single ones, odd ones, one row of a large weight, several panels of rows and of columns
    private static final int[][] SHAPES = {
        {1, 1, 1},
        {1, 3, 5},
        {5, 3, 1},
        {33, 17, 9},
        {1, 300, 1027},
        {1, 576, 1536},
        {2, 576, 960},
        {70, 64, 131},
        {40, 150, 60_000},
        {300, 1536, 576}
    };

    /** Elements from which on a weight is cut. */
    private static final int LARGE = 1 << 23;

    /** Elements from which on few rows are multiplied by loops of their own. */
    private static final int FEW_ROWS = 1 << 18;

    static Stream<TensorOpsTest.Candidate> forms() {
        return Stream.concat(
                TensorOpsTest.floatImplementations().map(ops -> new TensorOpsTest.Candidate(ops, DataType.FLOAT, 0)),
                Stream.of(new TensorOpsTest.Candidate(new TensorOps(new Nd4jForm()), DataType.DOUBLE, 0)));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void theBitsAreThoseOfTheValuesInTheTypeOfTheOthers(TensorOpsTest.Candidate form) {
        assertTrue(form.ops().products().takesBf16Weights());
        for (int[] s : SHAPES) {
            same(form.ops(), form.type(), s, 0);
        }
        same(form.ops(), form.type(), SHAPES[7], 1);
    }

    @Test
    void alsoWhereProductsRoundToBf16() {
        assumeTrue(OneDnn.status().bf16Problem() == null, OneDnn.status().bf16Problem());
        TensorOps ops = new TensorOps(new CpuForm(new WorkerPool(2), GemmChoice.of("auto"), Precision.BF16));
        for (int[] s : SHAPES) {
            same(ops, DataType.FLOAT, s, 1);
        }
    }

    private static void same(TensorOps ops, DataType type, int[] s, double beta) {
        Nd4j.getRandom().setSeed(s[0] + s[1] + s[2]);
        INDArray narrow = Nd4j.createUninitialized(DataType.BFLOAT16, new long[] {s[2], s[1]}, 'c')
                .assign(Nd4j.randn(DataType.FLOAT, s[2], s[1]));
        INDArray wide = narrow.castTo(type);
        assertEquals(DataType.BFLOAT16, narrow.dataType());
        INDArray x = Nd4j.randn(type, s[0], s[1]);
        INDArray dy = Nd4j.randn(type, s[0], s[2]);
        INDArray[] y = {dy.dup('c'), dy.dup('c')};
        ops.products().linear(x, wide, y[0], beta);
        ops.products().linear(x, narrow, y[1], beta);
        String what = s[0] + " x " + s[1] + " x " + s[2];
        boolean ofOneRow = ops.name().contains("vector rows of 8") && s[0] == 1 && s[1] * s[2] >= FEW_ROWS;
        boolean cut = ops.name().contains("OpenBLAS") && (long) s[1] * s[2] > LARGE;
        double bound = s[1] * s[1] * 0x1p-24; // of another order of summation, for |a b| of 1 in the mean
        assertArrayEquals(values(y[0]), values(y[1]), cut || ofOneRow ? bound : 0, "output of " + what);
        INDArray[] dx = {x.dup('c'), x.dup('c')};
        ops.products().gradInput(dy, wide, dx[0], beta);
        ops.products().gradInput(dy, narrow, dx[1], beta);
        assertArrayEquals(values(dx[0]), values(dx[1]), cut ? 1e-3 : 0, "gradient of the input of " + what);
        int[] ids = {s[2] - 1, 0, s[2] / 2};
        INDArray[] rows = {Nd4j.create(type, 3, s[1]), Nd4j.create(type, 3, s[1])};
        ops.vectors().gatherRows(wide, ids, rows[0]);
        ops.vectors().gatherRows(narrow, ids, rows[1]);
        assertArrayEquals(values(rows[0]), values(rows[1]), "rows of " + what);
    }
}
