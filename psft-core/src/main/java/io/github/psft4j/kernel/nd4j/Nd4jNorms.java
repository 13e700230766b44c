package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.column;
import static io.github.psft4j.kernel.Views.flat;
import static io.github.psft4j.kernel.Views.narrow;
import static io.github.psft4j.kernel.Views.rows;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.Norms;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.api.ops.impl.transforms.same.Square;
import org.nd4j.linalg.factory.Nd4j;

/** {@link Norms} by operations of ND4J: over rows (RMSNorm, LayerNorm) and over the heads of fused rows. */
final class Nd4jNorms implements Norms {

    @Override
    public void rms(INDArray x, INDArray gain, double eps, INDArray y, INDArray inverseRms) {
        long width = gain.length();
        INDArray x2 = rows(x, width); // [n, D]
        INDArray y2 = rows(y, width); // [n, D]
        INDArray r = column(inverseRms); // [n, 1]
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            normalise(x2, flat(gain), eps, tmp.empty(x2.size(0), width), y2, r, tmp.ones(width));
        }
    }

    /**
     * {@code r = 1 / sqrt(mean(x²) + eps)} of every row and {@code y = x r gain}.
     *
     * @param scratch of the shape of x, any content; y may be x, scratch neither
     * @param ones as many as columns
     */
    private static void normalise(
            INDArray x, INDArray gain, double eps, INDArray scratch, INDArray y, INDArray r, INDArray ones) {
        Nd4j.exec(new Square(x, scratch));
        Nd4jSums.matrixVector(scratch, false, ones, 1.0 / x.size(1), r);
        Nd4j.exec(new RSqrt(r.addi(eps), r));
        broadcast("multiply", x, r, scratch);
        broadcast("multiply", scratch, gain, y);
    }

    @Override
    public void rmsGrad(
            INDArray dy, INDArray x, INDArray gain, INDArray inverseRms, INDArray dx, double beta, INDArray dGain) {
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            grad(dy, rows(x, gain.length()), gain, inverseRms, false, dx, beta, dGain);
        }
    }

    /**
     * With r the inverse RMS of a row and g = dy * gain: {@code dx = r (g - x r² mean(g * x) - mean(g))}, the last term
     * for centred rows only, {@code dGain = sum over rows of dy * x r}.
     *
     * @param x rows {@code [n, D]}; overwritten if centred, as these are a copy
     */
    private static void grad(
            INDArray dy,
            INDArray x,
            INDArray gain,
            INDArray inverse,
            boolean centred,
            INDArray dx,
            double beta,
            INDArray dGain) {
        long width = gain.length();
        INDArray factors = flat(gain); // [D]
        INDArray dy2 = rows(dy, width); // [n, D]
        INDArray r = column(inverse); // [n, 1]
        INDArray pull = empty(dy2, width);
        Nd4j.exec(new MulOp(dy2, x, pull));
        Nd4jSums.matrixVector(pull, true, r, 1, dGain);
        INDArray mean = empty(dy2, 1);
        Nd4jSums.matrixVector(pull, false, factors, 1.0 / width, mean);
        broadcast("multiply", x, mean.muli(r).muli(r), pull);
        INDArray g = centred ? x : empty(dy2, width);
        broadcast("multiply", dy2, factors, g);
        g.subi(pull);
        if (centred) {
            Nd4jSums.matrixVector(dy2, false, factors, 1.0 / width, mean);
            broadcast("subtract", g, mean, pull);
            g = pull;
        }
        INDArray dx2 = rows(dx, width); // [n, D]
        if (beta == 0) {
            broadcast("multiply", g, r, dx2);
        } else {
            INDArray scaled = empty(dy2, width);
            broadcast("multiply", g, r, scaled);
            Nd4j.exec(new Axpy(dx2, scaled, dx2, beta));
        }
    }

    /** An array of the current workspace with as many rows as another. */
    private static INDArray empty(INDArray rows, long width) {
        return Nd4j.createUninitialized(rows.dataType(), new long[] {rows.size(0), width}, 'c');
    }

    /**
     * {@code z = x op y}, y one row or one column of the matrix x. With z = x it takes five times as long; INDArray's
     * own methods for rows and columns do not, but take three times as long to call.
     */
    private static void broadcast(String op, INDArray x, INDArray y, INDArray z) {
        Nd4j.exec(DynamicCustomOp.builder(op).addInputs(x, y).addOutputs(z).build());
    }

    @Override
    public void layer(INDArray x, INDArray gain, INDArray bias, double eps, INDArray y, INDArray inverseStd) {
        long width = gain.length();
        INDArray y2 = rows(y, width); // [n, D]
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            INDArray ones = tmp.ones(width);
            INDArray centred = centred(rows(x, width), ones, tmp);
            normalise(centred, flat(gain), eps, y2, centred, column(inverseStd), ones);
            broadcast("add", centred, flat(bias), y2);
        }
    }

    /* As rmsGrad of the centred row, less the mean of what passes through the centring: dx -= r mean(dy * gain). */
    @Override
    public void layerGrad(
            INDArray dy,
            INDArray x,
            INDArray gain,
            INDArray inverseStd,
            INDArray dx,
            double beta,
            INDArray dGain,
            INDArray dBias) {
        long width = gain.length();
        INDArray dy2 = rows(dy, width); // [n, D]
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            INDArray centred = centred(rows(x, width), tmp.ones(width), tmp);
            grad(dy2, centred, gain, inverseStd, true, dx, beta, dGain);
            Nd4jSums.ofRows(dy2, dBias, tmp);
        }
    }

    /** Copy of rows {@code [n, D]} less their means. */
    private static INDArray centred(INDArray x, INDArray ones, Nd4jTemporaries tmp) {
        INDArray mean = tmp.empty(x.size(0), 1);
        Nd4jSums.matrixVector(x, false, ones, 1.0 / x.size(1), mean);
        INDArray centred = tmp.empty(x.size(0), x.size(1));
        broadcast("subtract", x, mean, centred);
        return centred;
    }

    @Override
    public void heads(
            INDArray x,
            AttentionShape s,
            INDArray queryGain,
            INDArray keyGain,
            double eps,
            INDArray y,
            INDArray inverseRms) {
        flat(y).assign(flat(x));
        part(x, s, queryGain, eps, y, inverseRms, 0, s.heads());
        part(x, s, keyGain, eps, y, inverseRms, s.heads(), s.heads() + s.kvHeads());
    }

    private void part(
            INDArray x,
            AttentionShape s,
            INDArray gain,
            double eps,
            INDArray y,
            INDArray inverseRms,
            int from,
            int to) {
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            INDArray dense = tmp.empty(s.rows(), to - from, s.headDim()).assign(heads(x, s, from, to));
            INDArray normed = tmp.empty(dense.shape());
            INDArray rms = tmp.empty(s.rows(), to - from);
            rms(dense, gain, eps, normed, rms);
            heads(y, s, from, to).assign(normed);
            narrow(rows(inverseRms, s.heads() + s.kvHeads()), 1, from, to).assign(rms);
        }
    }

    @Override
    public void headsGrad(
            INDArray dqkv,
            INDArray x,
            AttentionShape s,
            INDArray queryGain,
            INDArray keyGain,
            INDArray inverseRms,
            INDArray dQueryGain,
            INDArray dKeyGain) {
        partGrad(dqkv, x, s, queryGain, inverseRms, dQueryGain, 0, s.heads());
        partGrad(dqkv, x, s, keyGain, inverseRms, dKeyGain, s.heads(), s.heads() + s.kvHeads());
    }

    private void partGrad(
            INDArray dqkv,
            INDArray x,
            AttentionShape s,
            INDArray gain,
            INDArray inverseRms,
            INDArray dGain,
            int from,
            int to) {
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            INDArray dense = tmp.empty(s.rows(), to - from, s.headDim()).assign(heads(x, s, from, to));
            INDArray dy = tmp.empty(dense.shape()).assign(heads(dqkv, s, from, to));
            INDArray rms = tmp.empty(s.rows(), to - from);
            rms.assign(narrow(rows(inverseRms, s.heads() + s.kvHeads()), 1, from, to));
            INDArray dx = tmp.empty(dense.shape());
            rmsGrad(dy, dense, gain, rms, dx, 0, dGain);
            heads(dqkv, s, from, to).assign(dx);
        }
    }

    /** View {@code [n, to - from, d]} of the given heads of fused rows. */
    private static INDArray heads(INDArray qkv, AttentionShape s, int from, int to) {
        return narrow(qkv.reshape('c', s.rows(), s.heads() + 2L * s.kvHeads(), s.headDim()), 1, from, to);
    }
}
