package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.Activations;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Activations} of slices that stay in the caches. */
record SplitActivations(RowSplit split, Activations whole) implements Activations {

    @Override
    public void apply(Activation a, INDArray x, INDArray y) {
        split.perCache(x, 1, rows -> whole.apply(a, rows.of(x), rows.of(y)));
    }

    @Override
    public void grad(Activation a, INDArray dy, INDArray x, INDArray dx) {
        split.perCache(x, 1, rows -> whole.grad(a, rows.of(dy), rows.of(x), rows.of(dx)));
    }

    @Override
    public void gated(Activation a, INDArray gateUp, INDArray h) {
        long width = h.size(h.rank() - 1);
        split.perCache(h, width, rows -> whole.gated(a, rows.of(gateUp, 2 * width), rows.of(h, width)));
    }

    @Override
    public void gatedGrad(Activation a, INDArray dh, INDArray gateUp, INDArray dGateUp) {
        long width = dh.size(dh.rank() - 1);
        split.perCache(
                dh,
                width,
                rows -> whole.gatedGrad(
                        a, rows.of(dh, width), rows.of(gateUp, 2 * width), rows.of(dGateUp, 2 * width)));
    }
}
