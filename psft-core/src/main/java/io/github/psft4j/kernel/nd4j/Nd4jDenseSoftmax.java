package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.column;

import io.github.psft4j.kernel.DenseStatistics;
import io.github.psft4j.kernel.RowGradient;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.VocabularySoftmax;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMax;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The part of {@link Nd4jSoftmax} for objectives with a dense term. */
final class Nd4jDenseSoftmax {

    private Nd4jDenseSoftmax() {}

    /** See {@link VocabularySoftmax#denseForward}. */
    static void forward(INDArray z, INDArray zRef, int[] targets, int firstRow, TokenStatistics out) {
        int n = Math.toIntExact(z.size(0));
        int v = Math.toIntExact(z.size(1));
        Nd4jSoftmax.checkTargets(targets, firstRow, n, v);
        boolean single = z.dataType() == DataType.FLOAT;
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(z.dataType())) {
            Row policy = new Row(z, targets, firstRow, tmp);
            double[] sumA = policy.sumTimes(null, tmp);
            double[] weighted = policy.sumTimes(policy.exp, tmp);
            Row ref = zRef == null ? null : new Row(zRef, targets, firstRow, tmp);
            double[] refWeighted = null;
            double[] forward = null;
            double[] reverse = null;
            if (ref != null) {
                refWeighted = ref.sumTimes(ref.exp, tmp);
                ref.shifted.subi(policy.shifted); // b - a
                forward = ref.sumTimes(ref.exp, tmp);
                reverse = ref.sumTimes(policy.exp, tmp);
            }
            DenseStatistics.RefSums sums = ref == null ? null : new DenseStatistics.RefSums();
            for (int i = 0; i < n; i++) {
                int t = firstRow + i;
                out.set(t, single, policy.max[i], policy.target[i], policy.expSum[i], weighted[i]);
                if (ref != null) {
                    sums.max = ref.max[i];
                    sums.target = ref.target[i];
                    sums.expSum = ref.expSum[i];
                    sums.weighted = refWeighted[i];
                    sums.forward = forward[i];
                    sums.reverse = -reverse[i] / policy.expSum[i];
                }
                out.dense().set(t, v, Math.log(policy.expSum[i]), sumA[i], sums);
            }
        }
    }

    /** One array of logits relative to its rows' maxima, with exponentials and their sums. */
    private static final class Row {
        final double[] max; // [n]
        final INDArray shifted; // [n, V], z - max, floored
        final INDArray exp; // [n, V]
        final double[] expSum; // [n]
        final double[] target; // [n], z_y - max

        Row(INDArray z, int[] targets, int firstRow, Nd4jTemporaries tmp) {
            long n = z.size(0);
            INDArray largest = column(z.max(1));
            max = largest.data().asDouble();
            shifted = tmp.empty(z.shape()).assign(z);
            shifted.subiColumnVector(largest);
            INDArray onTarget = tmp.empty(n);
            Nd4jCalls.exec("gather_nd", onTarget, shifted, Nd4jSoftmax.targetCells(targets, firstRow, n));
            target = onTarget.data().asDouble();
            exp = Transforms.exp(tmp.empty(z.shape()).assign(shifted), false);
            INDArray sum = tmp.empty(n, 1);
            Nd4jSums.ofColumns(exp, sum, tmp);
            expSum = sum.data().asDouble();
            Nd4j.exec(new ScalarMax(shifted, null, shifted, DenseStatistics.FLOOR));
        }

        /** Row sums of shifted times the factor, or of shifted alone. */
        double[] sumTimes(INDArray factor, Nd4jTemporaries tmp) {
            INDArray sum = tmp.empty(shifted.size(0), 1);
            INDArray x = shifted;
            if (factor != null) {
                x = tmp.empty(shifted.shape()).assign(shifted);
                x.muli(factor);
            }
            Nd4jSums.ofColumns(x, sum, tmp);
            return sum.data().asDouble();
        }
    }

    /** See {@link VocabularySoftmax#denseGrad}. */
    static void backward(
            INDArray z, INDArray zRef, int[] targets, int firstRow, TokenStatistics statistics, RowGradient g) {
        int n = Math.toIntExact(z.size(0));
        Nd4jSoftmax.checkTargets(targets, firstRow, n, z.size(1));
        double[] onP = new double[n];
        double[] onTarget = new double[n];
        for (int i = 0; i < n; i++) {
            onTarget[i] = g.target()[firstRow + i];
            onP[i] = g.softmax()[firstRow + i] + onTarget[i];
        }
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(z.dataType())) {
            INDArray p = probabilities(z, statistics.max(), statistics.expSum(), firstRow, tmp);
            INDArray logP = logProbs(z, statistics.max(), statistics.expSum(), firstRow, tmp);
            INDArray factor = logP.muliColumnVector(column(tmp.vector(chunk(g.softmaxLog(), firstRow, n))));
            factor.addiColumnVector(column(tmp.vector(onP)));
            if (zRef != null) {
                DenseStatistics d = statistics.dense();
                INDArray logQ = logProbs(zRef, d.refMax(), d.refExpSum(), firstRow, tmp);
                factor.addi(logQ.muliColumnVector(column(tmp.vector(chunk(g.softmaxLogReference(), firstRow, n)))));
            }
            z.assign(p).muli(factor);
            if (zRef != null) {
                DenseStatistics d = statistics.dense();
                INDArray q = probabilities(zRef, d.refMax(), d.refExpSum(), firstRow, tmp);
                z.addi(q.muliColumnVector(column(tmp.vector(chunk(g.reference(), firstRow, n)))));
            }
            z.addiColumnVector(column(tmp.vector(chunk(g.uniform(), firstRow, n))));
            INDArray cells = Nd4jSoftmax.targetCells(targets, firstRow, n);
            Nd4jCalls.exec("scatter_nd_sub", z, z, cells, tmp.vector(onTarget));
        }
    }

    private static INDArray probabilities(
            INDArray z, double[] max, double[] expSum, int firstRow, Nd4jTemporaries tmp) {
        int n = (int) z.size(0);
        double[] inverse = new double[n];
        Arrays.setAll(inverse, i -> 1 / expSum[firstRow + i]);
        INDArray p = tmp.empty(z.shape()).assign(z);
        p.subiColumnVector(column(tmp.vector(chunk(max, firstRow, n))));
        return Transforms.exp(p, false).muliColumnVector(column(tmp.vector(inverse)));
    }

    private static INDArray logProbs(INDArray z, double[] max, double[] expSum, int firstRow, Nd4jTemporaries tmp) {
        int n = (int) z.size(0);
        double[] logSum = new double[n];
        Arrays.setAll(logSum, i -> Math.log(expSum[firstRow + i]));
        INDArray l = tmp.empty(z.shape()).assign(z);
        l.subiColumnVector(column(tmp.vector(chunk(max, firstRow, n))));
        Nd4j.exec(new ScalarMax(l, null, l, DenseStatistics.FLOOR));
        return l.subiColumnVector(column(tmp.vector(logSum)));
    }

    private static double[] chunk(double[] values, int from, int n) {
        return Arrays.copyOfRange(values, from, from + n);
    }
}
