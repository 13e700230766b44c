package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.nd4j.Nd4jForm;
import io.github.psft4j.kernel.nd4j.Nd4jTemporaries;
import io.github.psft4j.kernel.nd4j.split.RowSplit.Rows;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Norms and sums over rows of {@link SplitForm}. Sums of pieces are added in the order of the rows, whoever was first. */
final class SplitNorms {

    private static final String SUMS = "PSFT4J_SUMS_OF_PIECES";

    private final RowSplit pieces;
    private final TensorOps ops;

    SplitNorms(RowSplit pieces, TensorOps ops) {
        this.pieces = pieces;
        this.ops = ops;
    }

    void rmsNorm(INDArray x, INDArray gain, double eps, INDArray y, INDArray inverseRms) {
        long d = gain.length();
        Rows xs = new Rows(x, d);
        Rows ys = new Rows(y, d);
        Rows rs = new Rows(inverseRms);
        pieces.deal(
                pieces.inCache(x.dataType(), xs.count(), d),
                x.dataType(),
                xs.count(),
                (i, from, to) -> ops.rmsNorm(xs.of(from, to), gain, eps, ys.of(from, to), rs.flat(from, to)));
    }

    void rmsNormGrad(
            INDArray dy, INDArray x, INDArray gain, INDArray inverseRms, INDArray dx, double beta, INDArray dGain) {
        long d = gain.length();
        Rows dys = new Rows(dy, d);
        Rows xs = new Rows(x, d);
        Rows rs = new Rows(inverseRms);
        Rows dxs = new Rows(dx, d);
        summed(
                x.dataType(),
                xs.count(),
                d,
                dGain,
                null,
                (from, to, gains, none) -> ops.rmsNormGrad(
                        dys.of(from, to), xs.of(from, to), gain, rs.flat(from, to), dxs.of(from, to), beta, gains));
    }

    void layerNorm(INDArray x, INDArray gain, INDArray bias, double eps, INDArray y, INDArray inverseStd) {
        long d = gain.length();
        Rows xs = new Rows(x, d);
        Rows ys = new Rows(y, d);
        Rows rs = new Rows(inverseStd);
        pieces.deal(
                pieces.inCache(x.dataType(), xs.count(), d),
                x.dataType(),
                xs.count(),
                (i, from, to) -> ops.layerNorm(xs.of(from, to), gain, bias, eps, ys.of(from, to), rs.flat(from, to)));
    }

    void layerNormGrad(
            INDArray dy,
            INDArray x,
            INDArray gain,
            INDArray inverseStd,
            INDArray dx,
            double beta,
            INDArray dGain,
            INDArray dBias) {
        long d = gain.length();
        Rows dys = new Rows(dy, d);
        Rows xs = new Rows(x, d);
        Rows rs = new Rows(inverseStd);
        Rows dxs = new Rows(dx, d);
        summed(
                x.dataType(),
                xs.count(),
                d,
                dGain,
                dBias,
                (from, to, gains, biases) -> ops.layerNormGrad(
                        dys.of(from, to),
                        xs.of(from, to),
                        gain,
                        rs.flat(from, to),
                        dxs.of(from, to),
                        beta,
                        gains,
                        biases));
    }

    void heads(
            INDArray x,
            AttentionShape s,
            INDArray queryGain,
            INDArray keyGain,
            double eps,
            INDArray y,
            INDArray inverseRms) {
        Rows xs = new Rows(x, s.qkvWidth());
        Rows ys = new Rows(y, s.qkvWidth());
        Rows rs = new Rows(inverseRms, s.heads() + s.kvHeads());
        pieces.deal(
                pieces.inCache(x.dataType(), xs.count(), s.qkvWidth()),
                x.dataType(),
                xs.count(),
                (i, from, to) -> ops.normHeads(
                        xs.of(from, to), rows(s, from, to), queryGain, keyGain, eps, ys.of(from, to), rs.of(from, to)));
    }

    void headsGrad(
            INDArray dqkv,
            INDArray x,
            AttentionShape s,
            INDArray queryGain,
            INDArray keyGain,
            INDArray inverseRms,
            INDArray dQueryGain,
            INDArray dKeyGain) {
        Rows grads = new Rows(dqkv, s.qkvWidth());
        Rows xs = new Rows(x, s.qkvWidth());
        Rows rs = new Rows(inverseRms, s.heads() + s.kvHeads());
        summed(
                x.dataType(),
                xs.count(),
                s.qkvWidth(),
                dQueryGain,
                dKeyGain,
                (from, to, dQuery, dKey) -> ops.normHeadsGrad(
                        grads.of(from, to),
                        xs.of(from, to),
                        rows(s, from, to),
                        queryGain,
                        keyGain,
                        rs.of(from, to),
                        dQuery,
                        dKey));
    }

    /** The heads of some token rows, one after the other; sequences do not matter to a norm. */
    private static AttentionShape rows(AttentionShape s, long from, long to) {
        return s.within(SequenceLayout.whole(1, (int) (to - from)));
    }

    void sumRows(INDArray dy, INDArray sums) {
        Rows dys = new Rows(dy, sums.length());
        long n = dys.count();
        summed(
                pieces.shares(n, sums.length()),
                dy.dataType(),
                n,
                sums,
                null,
                (from, to, partial, none) -> ops.sumRows(dys.of(from, to), partial));
    }

    /** Work on the rows [from, to) that leaves one or two sums over them. */
    private interface Summing {
        void run(long from, long to, INDArray first, INDArray second);
    }

    private void summed(DataType type, long n, long width, INDArray first, INDArray second, Summing work) {
        summed(pieces.inCache(type, n, width), type, n, first, second, work);
    }

    private void summed(int count, DataType type, long n, INDArray first, INDArray second, Summing work) {
        if (count == 1) {
            work.run(0, n, first, second);
            return;
        }
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(type, SUMS)) {
            INDArray firsts = tmp.empty(count, first.length());
            INDArray seconds = second == null ? null : tmp.empty(count, second.length());
            Rows firstRows = new Rows(firsts, first.length());
            Rows secondRows = second == null ? null : new Rows(seconds, second.length());
            pieces.deal(
                    count,
                    type,
                    n,
                    (i, from, to) -> work.run(
                            from, to, firstRows.flat(i, i + 1), second == null ? null : secondRows.flat(i, i + 1)));
            Nd4jForm.sum(firsts, first, tmp);
            if (second != null) {
                Nd4jForm.sum(seconds, second, tmp);
            }
        }
    }
}
