package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.Norms;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.nd4j.split.RowSplit.Rows;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Norms} of slices of rows. */
record SplitNorms(RowSplit split, Norms whole) implements Norms {

    @Override
    public void forward(INDArray x, INDArray gain, INDArray bias, double eps, INDArray y, INDArray inverse) {
        long d = gain.length();
        Rows xs = new Rows(x, d);
        Rows ys = new Rows(y, d);
        Rows rs = new Rows(inverse);
        split.perCache(
                x,
                d,
                (i, from, to) -> whole.forward(xs.of(from, to), gain, bias, eps, ys.of(from, to), rs.flat(from, to)));
    }

    @Override
    public void grad(
            INDArray dy,
            INDArray x,
            INDArray gain,
            INDArray inverse,
            INDArray dx,
            double beta,
            INDArray dGain,
            INDArray dBias) {
        long d = gain.length();
        Rows dys = new Rows(dy, d);
        Rows xs = new Rows(x, d);
        Rows rs = new Rows(inverse);
        Rows dxs = new Rows(dx, d);
        SliceSums.perCache(
                split,
                x,
                d,
                dGain,
                dBias,
                (from, to, gains, biases) -> whole.grad(
                        dys.of(from, to),
                        xs.of(from, to),
                        gain,
                        rs.flat(from, to),
                        dxs.of(from, to),
                        beta,
                        gains,
                        biases));
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
        Rows xs = new Rows(x, s.qkvWidth());
        Rows ys = new Rows(y, s.qkvWidth());
        Rows rs = new Rows(inverseRms, s.heads() + s.kvHeads());
        split.perCache(
                x,
                s.qkvWidth(),
                (i, from, to) -> whole.heads(
                        xs.of(from, to), rows(s, from, to), queryGain, keyGain, eps, ys.of(from, to), rs.of(from, to)));
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
        Rows grads = new Rows(dqkv, s.qkvWidth());
        Rows xs = new Rows(x, s.qkvWidth());
        Rows rs = new Rows(inverseRms, s.heads() + s.kvHeads());
        SliceSums.perCache(
                split,
                x,
                s.qkvWidth(),
                dQueryGain,
                dKeyGain,
                (from, to, dQuery, dKey) -> whole.headsGrad(
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
}
