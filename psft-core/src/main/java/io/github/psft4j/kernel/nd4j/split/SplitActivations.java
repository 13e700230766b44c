package io.github.psft4j.kernel.nd4j.split;

import static io.github.psft4j.kernel.nd4j.split.RowSplit.elements;
import static io.github.psft4j.kernel.nd4j.split.RowSplit.slice;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.Activations;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Activations} of slices that stay in the caches. */
record SplitActivations(RowSplit split, Activations whole) implements Activations {

    @Override
    public void apply(Activation a, INDArray x, INDArray y) {
        split.perCache(x, 1, (i, from, to) -> whole.apply(a, elements(x, from, to), elements(y, from, to)));
    }

    @Override
    public void grad(Activation a, INDArray dy, INDArray x, INDArray dx) {
        split.perCache(
                x,
                1,
                (i, from, to) -> whole.grad(a, elements(dy, from, to), elements(x, from, to), elements(dx, from, to)));
    }

    @Override
    public void gated(Activation a, INDArray gateUp, INDArray h) {
        long width = h.size(h.rank() - 1);
        split.perCache(
                h,
                width,
                (i, from, to) -> whole.gated(a, slice(gateUp, 2 * width, from, to), slice(h, width, from, to)));
    }

    @Override
    public void gatedGrad(Activation a, INDArray dh, INDArray gateUp, INDArray dGateUp) {
        long width = dh.size(dh.rank() - 1);
        split.perCache(
                dh,
                width,
                (i, from, to) -> whole.gatedGrad(
                        a,
                        slice(dh, width, from, to),
                        slice(gateUp, 2 * width, from, to),
                        slice(dGateUp, 2 * width, from, to)));
    }
}
