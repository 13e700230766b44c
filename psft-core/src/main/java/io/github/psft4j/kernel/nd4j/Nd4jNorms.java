package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.column;
import static io.github.psft4j.kernel.Views.flat;
import static io.github.psft4j.kernel.Views.narrow;
import static io.github.psft4j.kernel.Views.rows;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.Norms;
import io.github.psft4j.kernel.Norms.HeadGains;
import io.github.psft4j.kernel.WeightAndBias;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.api.ops.impl.transforms.same.Square;
import org.nd4j.linalg.factory.Nd4j;

/** {@link Norms} by operations of ND4J: over rows (RMSNorm, LayerNorm) and over the heads of fused rows. */
final class Nd4jNorms implements Norms {

    @Override
    public void forward(INDArray x, WeightAndBias w, double eps, INDArray y, INDArray inverse) {
        long width = w.weight().length();
        INDArray x2 = rows(x, width); // [n, D]
        INDArray y2 = rows(y, width); // [n, D]
        INDArray r = column(inverse); // [n, 1]
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            if (w.bias() == null) {
                normalise(x2, flat(w.weight()), eps, tmp.empty(x2.size(0), width), y2, r, tmp.ones(width));
            } else {
                INDArray ones = tmp.ones(width);
                INDArray centred = centred(x2, ones, tmp);
                normalise(centred, flat(w.weight()), eps, y2, centred, r, ones);
                broadcast("add", centred, flat(w.bias()), y2);
            }
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

    /**
     * With r the inverse of a row and g = dy * gain: {@code dx = r (g - x r² mean(g * x))} and {@code dGain = sum over
     * rows of dy * x r}. For LayerNorm x is centred, and what passes through the centring loses its mean: {@code dx -=
     * r mean(g)}.
     */
    @Override
    public void grad(
            INDArray dy, INDArray x, WeightAndBias w, INDArray inverse, INDArray dx, double beta, WeightAndBias dw) {
        boolean layer = dw.bias() != null;
        long width = w.weight().length();
        INDArray factors = flat(w.weight()); // [D]
        INDArray dy2 = rows(dy, width); // [n, D]
        INDArray r = column(inverse); // [n, 1]
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            INDArray x2 = rows(x, width); // [n, D]
            if (layer) {
                x2 = centred(x2, tmp.ones(width), tmp);
            }
            INDArray pull = tmp.empty(dy2.size(0), width);
            Nd4j.exec(new MulOp(dy2, x2, pull));
            Nd4jSums.matrixVector(pull, true, r, 1, dw.weight());
            INDArray mean = tmp.empty(dy2.size(0), 1);
            Nd4jSums.matrixVector(pull, false, factors, 1.0 / width, mean);
            broadcast("multiply", x2, mean.muli(r).muli(r), pull);
            INDArray g = layer ? x2 : tmp.empty(dy2.size(0), width);
            broadcast("multiply", dy2, factors, g);
            g.subi(pull);
            if (layer) {
                Nd4jSums.matrixVector(dy2, false, factors, 1.0 / width, mean);
                broadcast("subtract", g, mean, pull);
                g = pull;
            }
            INDArray dx2 = rows(dx, width); // [n, D]
            if (beta == 0) {
                broadcast("multiply", g, r, dx2);
            } else {
                INDArray scaled = tmp.empty(dy2.size(0), width);
                broadcast("multiply", g, r, scaled);
                Nd4j.exec(new Axpy(dx2, scaled, dx2, beta));
            }
            if (layer) {
                Nd4jSums.ofRows(dy2, dw.bias(), tmp);
            }
        }
    }

    /**
     * {@code z = x op y}, y one row or one column of the matrix x. With z = x it takes five times as long; INDArray's
     * own methods for rows and columns do not, but take three times as long to call.
     */
    private static void broadcast(String op, INDArray x, INDArray y, INDArray z) {
        Nd4jCalls.exec(op, z, x, y);
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
    public void heads(INDArray x, AttentionShape s, HeadGains gains, double eps, INDArray y, INDArray inverseRms) {
        flat(y).assign(flat(x));
        for (Heads part : Heads.normed(s)) {
            try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
                INDArray dense = part.copy(x, tmp);
                INDArray normed = tmp.empty(dense.shape());
                INDArray rms = tmp.empty(s.rows(), part.count());
                forward(dense, part.gain(gains), eps, normed, rms);
                part.of(y).assign(normed);
                part.ofInverse(inverseRms).assign(rms);
            }
        }
    }

    @Override
    public void headsGrad(
            INDArray dqkv, INDArray x, AttentionShape s, HeadGains gains, INDArray inverseRms, HeadGains dGains) {
        for (Heads part : Heads.normed(s)) {
            try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
                INDArray dense = part.copy(x, tmp);
                INDArray dy = part.copy(dqkv, tmp);
                INDArray rms = tmp.empty(s.rows(), part.count());
                rms.assign(part.ofInverse(inverseRms));
                INDArray dx = tmp.empty(dense.shape());
                grad(dy, dense, part.gain(gains), rms, dx, 0, part.gain(dGains));
                part.of(dqkv).assign(dx);
            }
        }
    }

    /** The query heads, or the key heads, of fused rows. */
    private record Heads(AttentionShape shape, int from, int to) {

        static List<Heads> normed(AttentionShape s) {
            return List.of(new Heads(s, 0, s.heads()), new Heads(s, s.heads(), s.heads() + s.kvHeads()));
        }

        int count() {
            return to - from;
        }

        WeightAndBias gain(HeadGains gains) {
            return new WeightAndBias(from == 0 ? gains.query() : gains.key(), null);
        }

        /** View {@code [n, count, d]}. */
        INDArray of(INDArray qkv) {
            long all = shape.heads() + 2L * shape.kvHeads();
            return narrow(qkv.reshape('c', shape.rows(), all, shape.headDim()), 1, from, to);
        }

        INDArray copy(INDArray qkv, Nd4jTemporaries tmp) {
            return tmp.empty(shape.rows(), count(), shape.headDim()).assign(of(qkv));
        }

        /** View {@code [n, count]} of the inverses of all heads. */
        INDArray ofInverse(INDArray inverse) {
            return narrow(rows(inverse, shape.heads() + shape.kvHeads()), 1, from, to);
        }
    }
}
