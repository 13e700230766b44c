package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.Views.column;
import static io.github.psft4j.kernel.Views.rowRange;

import java.util.function.IntPredicate;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMax;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Log-probs, entropies and the gradient of logits in {@link PortableOps}. Runs of consecutive live rows are handled
 * as one array, so that rows without a target cost nothing and need not be saved and restored.
 *
 * <p>A logit of minus infinity is a token of probability 0; plus infinity and NaN make the row's statistics NaN.
 */
final class PortableSoftmax {

    /** Floor of {@code z - max} in the entropy, where exp is 0 already in DOUBLE: makes {@code 0 * -infinity} a 0. */
    private static final double FLOOR = -1e4;

    private PortableSoftmax() {}

    /** See {@link TensorOps#softmax}. */
    static void forward(INDArray logits, int[] targets, int firstRow, TokenStatistics out) {
        int n = Math.toIntExact(logits.size(0));
        checkTargets(targets, firstRow, n, logits.size(1));
        for (int from = 0, to; from < n; from = to) {
            boolean live = targets[firstRow + from] >= 0;
            to = endOfRun(from, n, i -> targets[firstRow + i] >= 0);
            if (live) {
                forwardRun(rowRange(logits, from, to), targets, firstRow + from, out);
            } else {
                for (int row = firstRow + from; row < firstRow + to; row++) {
                    out.logProb()[row] = 0;
                    out.entropy()[row] = 0;
                    out.expSum()[row] = 0;
                }
            }
        }
    }

    private static void forwardRun(INDArray z, int[] targets, int firstRow, TokenStatistics out) {
        long n = z.size(0);
        try (Temporaries tmp = new Temporaries(z.dataType())) {
            z.subiColumnVector(column(z.max(1)));
            INDArray target = tmp.empty(n); // z_y - max
            Nd4j.exec(DynamicCustomOp.builder("gather_nd")
                    .addInputs(z, targetCells(targets, firstRow, n, tmp))
                    .addOutputs(target)
                    .build());
            INDArray weighted = tmp.empty(z.shape());
            Nd4j.exec(new ScalarMax(z, null, weighted, FLOOR));
            Transforms.exp(z, false);
            weighted.muli(z); // e (z - max)
            INDArray expSum = tmp.empty(n, 1);
            INDArray weightedSum = tmp.empty(n, 1);
            PortableOps.sumColumns(z, expSum, tmp);
            PortableOps.sumColumns(weighted, weightedSum, tmp);

            for (int i = 0; i < n; i++) {
                double sum = expSum.getDouble(i, 0);
                double logSum = Math.log(sum);
                // NaN logits come through the sum, which the maximum and the floor may have skipped.
                out.logProb()[firstRow + i] = target.getDouble(i) - logSum;
                out.entropy()[firstRow + i] = logSum - weightedSum.getDouble(i, 0) / sum;
                out.expSum()[firstRow + i] = sum;
            }
        }
    }

    /** See {@link TensorOps#softmaxGrad}. */
    static void backward(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        int n = Math.toIntExact(exps.size(0));
        checkTargets(targets, firstRow, n, exps.size(1));
        IntPredicate isLive = i -> targets[firstRow + i] >= 0 && scale[firstRow + i] != 0;
        for (int from = 0, to; from < n; from = to) {
            to = endOfRun(from, n, isLive);
            INDArray rows = rowRange(exps, from, to);
            if (isLive.test(from)) {
                backwardRun(rows, targets, firstRow + from, statistics, scale);
            } else {
                rows.assign(0); // not a product with 0: the row may hold NaN
            }
        }
    }

    private static void backwardRun(
            INDArray e, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        int n = Math.toIntExact(e.size(0));
        double[] factor = new double[n];
        double[] onTarget = new double[n];
        for (int i = 0; i < n; i++) {
            onTarget[i] = scale[firstRow + i];
            factor[i] = onTarget[i] / statistics.expSum()[firstRow + i];
        }
        try (Temporaries tmp = new Temporaries(e.dataType())) {
            e.muliColumnVector(column(tmp.vector(factor)));
            Nd4j.exec(DynamicCustomOp.builder("scatter_nd_sub")
                    .addInputs(e, targetCells(targets, firstRow, n, tmp), tmp.vector(onTarget))
                    .addOutputs(e)
                    .build());
        }
    }

    /** First row after {@code from} that is unlike it, or n. */
    private static int endOfRun(int from, int n, IntPredicate isLive) {
        int to = from + 1;
        while (to < n && isLive.test(to) == isLive.test(from)) {
            to++;
        }
        return to;
    }

    /** Cells {@code (i, target of row i)}, {@code [n, 2]}. */
    private static INDArray targetCells(int[] targets, int firstRow, long n, Temporaries tmp) {
        int[][] cells = new int[Math.toIntExact(n)][];
        for (int i = 0; i < n; i++) {
            cells[i] = new int[] {i, targets[firstRow + i]};
        }
        return tmp.indices(cells);
    }

    private static void checkTargets(int[] targets, int firstRow, int n, long vocabulary) {
        for (int row = firstRow; row < firstRow + n; row++) {
            if (targets[row] >= vocabulary) {
                throw new IllegalArgumentException("targets[" + row + "] = " + targets[row]
                        + " is outside the vocabulary of " + vocabulary + "; use a negative number for no target");
            }
        }
    }
}
