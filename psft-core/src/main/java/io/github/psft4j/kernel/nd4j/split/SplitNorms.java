package io.github.psft4j.kernel.nd4j.split;

import static io.github.psft4j.kernel.nd4j.split.RowSplit.elements;
import static io.github.psft4j.kernel.nd4j.split.RowSplit.slice;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.HeadGains;
import io.github.psft4j.kernel.Norms;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.WeightAndBias;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Norms} of slices of rows. */
record SplitNorms(RowSplit split, Norms whole) implements Norms {

    @Override
    public void forward(INDArray x, WeightAndBias w, double eps, INDArray y, INDArray inverse) {
        long d = w.weight().length();
        split.perCache(
                x,
                d,
                (i, from, to) -> whole.forward(
                        slice(x, d, from, to), w, eps, slice(y, d, from, to), elements(inverse, from, to)));
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
                (from, to, gains, biases) -> whole.grad(
                        slice(dy, d, from, to),
                        slice(x, d, from, to),
                        w,
                        elements(inverse, from, to),
                        slice(dx, d, from, to),
                        beta,
                        new WeightAndBias(gains, biases)));
    }

    @Override
    public void heads(INDArray x, AttentionShape s, HeadGains gains, double eps, INDArray y, INDArray inverseRms) {
        split.perCache(
                x,
                s.qkvWidth(),
                (i, from, to) -> whole.heads(
                        slice(x, s.qkvWidth(), from, to),
                        rows(s, from, to),
                        gains,
                        eps,
                        slice(y, s.qkvWidth(), from, to),
                        slice(inverseRms, s.heads() + s.kvHeads(), from, to)));
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
                (from, to, dQuery, dKey) -> whole.headsGrad(
                        slice(dqkv, s.qkvWidth(), from, to),
                        slice(x, s.qkvWidth(), from, to),
                        rows(s, from, to),
                        gains,
                        slice(inverseRms, s.heads() + s.kvHeads(), from, to),
                        new HeadGains(dQuery, dKey)));
    }

    /** The heads of some token rows, one after the other; sequences do not matter to a norm. */
    private static AttentionShape rows(AttentionShape s, long from, long to) {
        return s.within(SequenceLayout.whole(1, (int) (to - from)));
    }
}
