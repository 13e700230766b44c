package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.Norms;
import io.github.psft4j.kernel.Norms.HeadGains;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.WeightAndBias;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Norms} of slices of rows. */
record SplitNorms(RowSplit split, Norms whole) implements Norms {

    @Override
    public void forward(INDArray x, WeightAndBias w, double eps, INDArray y, INDArray inverse) {
        long d = w.weight().length();
        split.perCache(x, d, rows -> whole.forward(rows.of(x, d), w, eps, rows.of(y, d), rows.of(inverse)));
    }

    @Override
    public void grad(
            INDArray dy, INDArray x, WeightAndBias w, INDArray inverse, INDArray dx, double beta, WeightAndBias dw) {
        long d = w.weight().length();
        SliceSums.perCache(
                split,
                x,
                d,
                dw.weight(),
                dw.bias(),
                (rows, gains, biases) -> whole.grad(
                        rows.of(dy, d),
                        rows.of(x, d),
                        w,
                        rows.of(inverse),
                        rows.of(dx, d),
                        beta,
                        new WeightAndBias(gains, biases)));
    }

    @Override
    public void heads(INDArray x, AttentionShape s, HeadGains gains, double eps, INDArray y, INDArray inverseRms) {
        split.perCache(
                x,
                s.qkvWidth(),
                rows -> whole.heads(
                        rows.of(x, s.qkvWidth()),
                        tokens(s, rows),
                        gains,
                        eps,
                        rows.of(y, s.qkvWidth()),
                        rows.of(inverseRms, s.heads() + s.kvHeads())));
    }

    @Override
    public void headsGrad(
            INDArray dqkv, INDArray x, AttentionShape s, HeadGains gains, INDArray inverseRms, HeadGains dGains) {
        SliceSums.perCache(
                split,
                x,
                s.qkvWidth(),
                dGains.query(),
                dGains.key(),
                (rows, dQuery, dKey) -> whole.headsGrad(
                        rows.of(dqkv, s.qkvWidth()),
                        rows.of(x, s.qkvWidth()),
                        tokens(s, rows),
                        gains,
                        rows.of(inverseRms, s.heads() + s.kvHeads()),
                        new HeadGains(dQuery, dKey)));
    }

    /** The heads of some token rows, one after the other; sequences do not matter to a norm. */
    private static AttentionShape tokens(AttentionShape s, Slice rows) {
        return s.within(SequenceLayout.whole(1, rows.end() - rows.first()));
    }
}
