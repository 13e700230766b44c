package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.Activations;
import io.github.psft4j.kernel.nd4j.split.RowSplit.Rows;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Activations} of slices that stay in the caches. */
record SplitActivations(RowSplit split, Activations whole) implements Activations {

    @Override
    public void apply(Activation a, INDArray x, INDArray y) {
        Rows xs = new Rows(x);
        Rows ys = new Rows(y);
        split.perCache(x, 1, (i, from, to) -> whole.apply(a, xs.flat(from, to), ys.flat(from, to)));
    }

    @Override
    public void grad(Activation a, INDArray dy, INDArray x, INDArray dx) {
        Rows dys = new Rows(dy);
        Rows xs = new Rows(x);
        Rows dxs = new Rows(dx);
        split.perCache(x, 1, (i, from, to) -> whole.grad(a, dys.flat(from, to), xs.flat(from, to), dxs.flat(from, to)));
    }

    @Override
    public void gated(Activation a, INDArray gateUp, INDArray h) {
        long width = h.size(h.rank() - 1);
        Rows gates = new Rows(gateUp, 2 * width);
        Rows hs = new Rows(h, width);
        split.perCache(h, width, (i, from, to) -> whole.gated(a, gates.of(from, to), hs.of(from, to)));
    }

    @Override
    public void gatedGrad(Activation a, INDArray dh, INDArray gateUp, INDArray dGateUp) {
        long width = dh.size(dh.rank() - 1);
        Rows dhs = new Rows(dh, width);
        Rows gates = new Rows(gateUp, 2 * width);
        Rows grads = new Rows(dGateUp, 2 * width);
        split.perCache(
                dh,
                width,
                (i, from, to) -> whole.gatedGrad(a, dhs.of(from, to), gates.of(from, to), grads.of(from, to)));
    }
}
