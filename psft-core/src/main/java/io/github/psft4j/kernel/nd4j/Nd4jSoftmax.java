package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.column;

import io.github.psft4j.kernel.RowGradient;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.VocabularySoftmax;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMax;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * {@link VocabularySoftmax} by operations of ND4J.
 *
 * <p>A logit of minus infinity is a token of probability 0; plus infinity and NaN make the row's statistics NaN.
 */
public final class Nd4jSoftmax implements VocabularySoftmax {

    /** Floor of {@code z - max} in the entropy, where exp is 0 already in DOUBLE: makes {@code 0 * -infinity} a 0. */
    private static final double FLOOR = -1e4;

    @Override
    public void forward(INDArray z, int[] targets, int firstRow, TokenStatistics out) {
        long n = z.size(0);
        boolean single = z.dataType() == DataType.FLOAT;
        checkTargets(targets, firstRow, n, z.size(1));
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(z.dataType())) {
            INDArray max = column(z.max(1));
            z.subiColumnVector(max);
            INDArray target = tmp.empty(n); // z_y - max
            Nd4jCalls.exec("gather_nd", target, z, targetCells(targets, firstRow, n));
            INDArray weighted = tmp.empty(z.shape());
            Nd4j.exec(new ScalarMax(z, null, weighted, FLOOR));
            Transforms.exp(z, false);
            weighted.muli(z); // e (z - max)
            INDArray expSum = tmp.empty(n, 1);
            INDArray weightedSum = tmp.empty(n, 1);
            Nd4jSums.ofColumns(z, expSum, tmp);
            Nd4jSums.ofColumns(weighted, weightedSum, tmp);

            double[] shiftedTargets = target.data().asDouble();
            double[] sums = expSum.data().asDouble();
            double[] weightedSums = weightedSum.data().asDouble();
            double[] maxima = max.data().asDouble();
            for (int i = 0; i < n; i++) {
                // NaN logits come through the sum, which the maximum and the floor may have skipped.
                out.set(firstRow + i, single, maxima[i], shiftedTargets[i], sums[i], weightedSums[i]);
            }
        }
    }

    @Override
    public void grad(INDArray e, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        int n = Math.toIntExact(e.size(0));
        checkTargets(targets, firstRow, n, e.size(1));
        double[] factor = new double[n];
        double[] onTarget = new double[n];
        for (int i = 0; i < n; i++) {
            onTarget[i] = scale[firstRow + i];
            factor[i] = onTarget[i] / statistics.expSum()[firstRow + i];
        }
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(e.dataType())) {
            e.muliColumnVector(column(tmp.vector(factor)));
            Nd4jCalls.exec("scatter_nd_sub", e, e, targetCells(targets, firstRow, n), tmp.vector(onTarget));
        }
    }

    /** Cells {@code (i, target of row i)}, {@code [n, 2]}. */
    static INDArray targetCells(int[] targets, int firstRow, long n) {
        return chosenCells(Math.toIntExact(n), 1, firstRow, targets);
    }

    public static void checkTargets(int[] targets, int firstRow, long n, long vocabulary) {
        for (int row = firstRow; row < firstRow + n; row++) {
            if (targets[row] < 0 || targets[row] >= vocabulary) {
                throw new IllegalArgumentException("targets[" + row + "] = " + targets[row]
                        + " is outside the vocabulary [0, " + vocabulary + ")");
            }
        }
    }

    @Override
    public void denseForward(INDArray logits, INDArray reference, int[] targets, int firstRow, TokenStatistics out) {
        Nd4jDenseSoftmax.forward(logits, reference, targets, firstRow, out);
    }

    @Override
    public void denseGrad(
            INDArray logits,
            INDArray reference,
            int[] targets,
            int firstRow,
            TokenStatistics statistics,
            RowGradient gradient) {
        Nd4jDenseSoftmax.backward(logits, reference, targets, firstRow, statistics, gradient);
    }

    @Override
    public void topK(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        int n = Math.toIntExact(x.size(0));
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            INDArray top = tmp.empty(n, k);
            INDArray at = Nd4j.createUninitialized(DataType.INT64, new long[] {n, k}, 'c');
            Nd4j.exec(DynamicCustomOp.builder("top_k")
                    .addInputs(x)
                    .addOutputs(top, at)
                    .addIntegerArguments(k, 1) // 1: sorted, largest first
                    .build());
            System.arraycopy(top.data().asDouble(), 0, values, firstRow * k, n * k);
            System.arraycopy(at.data().asInt(), 0, ids, firstRow * k, n * k);
        }
    }

    @Override
    public void gatherColumns(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        int n = Math.toIntExact(x.size(0));
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            INDArray out = tmp.empty((long) n * k);
            Nd4jCalls.exec("gather_nd", out, x, chosenCells(n, k, firstRow, ids));
            System.arraycopy(out.data().asDouble(), 0, values, firstRow * k, n * k);
        }
    }

    @Override
    public void addColumns(double[] values, int k, int firstRow, int[] ids, INDArray x) {
        int n = Math.toIntExact(x.size(0));
        double[] chunk = Arrays.copyOfRange(values, firstRow * k, (firstRow + n) * k);
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            Nd4jCalls.exec("scatter_nd_add", x, x, chosenCells(n, k, firstRow, ids), tmp.vector(chunk));
        }
    }

    /** Cells {@code (i, id)}, {@code [n k, 2]}; all different, so that their order does not matter. */
    private static INDArray chosenCells(int n, int k, int firstRow, int[] ids) {
        int[][] cells = new int[n * k][];
        for (int i = 0; i < n * k; i++) {
            cells[i] = new int[] {i / k, ids[firstRow * k + i]};
        }
        return Nd4j.createFromArray(cells);
    }
}
