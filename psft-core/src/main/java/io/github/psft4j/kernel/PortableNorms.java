package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.Views.column;
import static io.github.psft4j.kernel.Views.flat;
import static io.github.psft4j.kernel.Views.narrow;
import static io.github.psft4j.kernel.Views.rows;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.SubOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Norms of {@link PortableOps}: over rows (RMSNorm, LayerNorm) and over the heads of fused rows. */
final class PortableNorms {

    private PortableNorms() {}

    /** See {@link TensorOps#rmsNorm}. */
    static void rmsNorm(INDArray x, INDArray gain, double eps, INDArray y, INDArray inverseRms) {
        long width = gain.length();
        INDArray x2 = rows(x, width); // [n, D]
        INDArray y2 = rows(y, width); // [n, D]
        INDArray r = column(inverseRms); // [n, 1]
        try (Temporaries tmp = new Temporaries(x.dataType())) {
            Nd4j.exec(new MulOp(x2, x2, y2));
            PortableOps.sumColumns(y2, r, tmp);
            Transforms.sqrt(r.divi(width).addi(eps), false);
            r.rdivi(1);
            multiply(x2, r, y2);
            y2.muliRowVector(flat(gain));
        }
    }

    /** See {@link TensorOps#rmsNormGrad}. */
    static void rmsNormGrad(
            INDArray dy, INDArray x, INDArray gain, INDArray inverseRms, INDArray dx, double beta, INDArray dGain) {
        try (Temporaries tmp = new Temporaries(x.dataType())) {
            INDArray pull = tmp.empty(rows(x, gain.length()).shape()).assign(x);
            grad(dy, pull, gain, column(inverseRms), dx, beta, dGain, tmp);
        }
    }

    /**
     * With r the inverse RMS of a row and g = dy * gain: {@code dx = r g - x r³ mean(g * x)}, {@code dGain = sum over rows of dy * x r}.
     *
     * @param x rows {@code [n, D]}, overwritten
     */
    private static void grad(
            INDArray dy,
            INDArray x,
            INDArray gain,
            INDArray r,
            INDArray dx,
            double beta,
            INDArray dGain,
            Temporaries tmp) {
        long width = gain.length();
        INDArray dy2 = rows(dy, width); // [n, D]
        INDArray g = tmp.empty(dy2.shape());
        Nd4j.exec(new MulOp(dy2, x, g));
        PortableOps.matrixVector(g, true, r, 1, dGain);
        INDArray pull = tmp.empty(dy2.size(0), 1); // r³ mean(dy * gain * x)
        PortableOps.matrixVector(g, false, gain, 1.0 / width, pull);
        x.muliColumnVector(pull.muli(r).muli(r).muli(r));
        multiply(dy2, flat(gain).reshape(1, width), g);
        g.muliColumnVector(r);
        INDArray dx2 = rows(dx, width); // [n, D]
        if (beta == 0) {
            Nd4j.exec(new SubOp(g, x, dx2));
        } else {
            if (beta != 1) {
                dx2.muli(beta);
            }
            dx2.addi(g.subi(x));
        }
    }

    /** {@code z = x * y}, y one row or one column of the matrix x. */
    private static void multiply(INDArray x, INDArray y, INDArray z) {
        Nd4j.exec(DynamicCustomOp.builder("multiply")
                .addInputs(x, y)
                .addOutputs(z)
                .build());
    }

    /** See {@link TensorOps#layerNorm}. */
    static void layerNorm(INDArray x, INDArray gain, INDArray bias, double eps, INDArray y, INDArray inverseStd) {
        long width = gain.length();
        INDArray y2 = rows(y, width); // [n, D]
        try (Temporaries tmp = new Temporaries(x.dataType())) {
            INDArray centred = centred(rows(x, width), tmp);
            rmsNorm(centred, gain, eps, y2, inverseStd);
            y2.addiRowVector(flat(bias));
        }
    }

    /* As rmsNormGrad of the centred row, less the mean of what passes through the centring: dx -= r mean(dy * gain). */
    static void layerNormGrad(
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
        INDArray r = column(inverseStd); // [n, 1]
        try (Temporaries tmp = new Temporaries(x.dataType())) {
            grad(dy2, centred(rows(x, width), tmp), gain, r, dx, beta, dGain, tmp);
            PortableOps.sum(dy2, dBias, tmp);
            INDArray mean = tmp.empty(dy2.size(0), 1); // [n, 1]
            PortableOps.matrixVector(dy2, false, gain, 1.0 / width, mean);
            rows(dx, width).subiColumnVector(mean.muli(r));
        }
    }

    /** Copy of rows {@code [n, D]} less their means. */
    private static INDArray centred(INDArray x, Temporaries tmp) {
        INDArray mean = tmp.empty(x.size(0), 1);
        PortableOps.sumColumns(x, mean, tmp);
        INDArray centred = tmp.empty(x.shape());
        Nd4j.exec(DynamicCustomOp.builder("subtract")
                .addInputs(x, mean.divi(x.size(1)))
                .addOutputs(centred)
                .build());
        return centred;
    }

    /** See {@link TensorOps#normHeads}. */
    static void heads(
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

    private static void part(
            INDArray x,
            AttentionShape s,
            INDArray gain,
            double eps,
            INDArray y,
            INDArray inverseRms,
            int from,
            int to) {
        try (Temporaries tmp = new Temporaries(x.dataType())) {
            INDArray dense = tmp.empty(s.rows(), to - from, s.headDim()).assign(heads(x, s, from, to));
            INDArray normed = tmp.empty(dense.shape());
            INDArray rms = tmp.empty(s.rows(), to - from);
            rmsNorm(dense, gain, eps, normed, rms);
            heads(y, s, from, to).assign(normed);
            narrow(rows(inverseRms, s.heads() + s.kvHeads()), 1, from, to).assign(rms);
        }
    }

    /** See {@link TensorOps#normHeadsGrad}. */
    static void headsGrad(
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

    private static void partGrad(
            INDArray dqkv,
            INDArray x,
            AttentionShape s,
            INDArray gain,
            INDArray inverseRms,
            INDArray dGain,
            int from,
            int to) {
        try (Temporaries tmp = new Temporaries(x.dataType())) {
            INDArray dense = tmp.empty(s.rows(), to - from, s.headDim()).assign(heads(x, s, from, to));
            INDArray dy = tmp.empty(dense.shape()).assign(heads(dqkv, s, from, to));
            INDArray rms = tmp.empty(s.rows(), to - from);
            rms.assign(narrow(rows(inverseRms, s.heads() + s.kvHeads()), 1, from, to));
            INDArray dx = tmp.empty(dense.shape());
            rmsNormGrad(dy, dense, gain, rms, dx, 0, dGain);
            heads(dqkv, s, from, to).assign(dx);
        }
    }

    /** View {@code [n, to - from, d]} of the given heads of fused rows. */
    private static INDArray heads(INDArray qkv, AttentionShape s, int from, int to) {
        return narrow(qkv.reshape('c', s.rows(), s.heads() + 2L * s.kvHeads(), s.headDim()), 1, from, to);
    }
}
