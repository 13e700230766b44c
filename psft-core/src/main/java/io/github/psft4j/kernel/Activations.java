package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Non-linearities of feed-forward layers, alone and as a gate. */
public interface Activations {

    /** {@code y = a(x)}, for arrays of equal length. */
    void apply(Activation a, INDArray x, INDArray y);

    /** {@code dx = dy a'(x)}: gradient of {@link #apply}. */
    void grad(Activation a, INDArray dy, INDArray x, INDArray dx);

    /** The same, and {@code y = a(x)} again, to the bits of {@link #apply}; y may be dy. */
    default void grad(Activation a, INDArray dy, INDArray x, INDArray dx, INDArray y) {
        grad(a, dy, x, dx);
        apply(a, x, y);
    }

    /**
     * {@code h = a(gate) * up}, with gateUp {@code [n, 2F]} (gate first), h {@code [n, F]} (Shazeer, arXiv 2002.05202).
     */
    void gated(Activation a, INDArray gateUp, INDArray h);

    /**
     * Gradient of {@link #gated}: {@code dGate = dh up a'(gate)} and {@code dUp = dh a(gate)}, with dh {@code [n, F]},
     * gateUp and dGateUp {@code [n, 2F]}.
     */
    void gatedGrad(Activation a, INDArray dh, INDArray gateUp, INDArray dGateUp);

    /** The same, and {@code h = a(gate) * up} again, to the bits of {@link #gated}; h may be dh. */
    default void gatedGrad(Activation a, INDArray dh, INDArray gateUp, INDArray dGateUp, INDArray h) {
        gatedGrad(a, dh, gateUp, dGateUp);
        gated(a, gateUp, h);
    }
}
