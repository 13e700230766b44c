package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Matrix products of linear layers. A weight w is {@code [out, in]}, as Hugging Face stores it; n is the number of
 * token rows.
 */
public interface Products {

    /** What operands are rounded to. */
    default Precision precision() {
        return Precision.F32;
    }

    /**
     * Opens a scope in which the caller changes no linear weight, such as one optimizer step or one generation. A form
     * that converts weights to another precision does so once per scope, and at every use outside of one. Close it
     * before the weights change; scopes may be nested.
     */
    default WeightScope holdWeights() {
        return () -> {};
    }

    /**
     * Bounds the memory for converted weights from now on; default no bound. A form that has to give one up converts it
     * again when it is used next, to the same bits.
     */
    default void holdAtMost(long bytes) {}

    /**
     * Whether {@link #linear} and {@link #gradInput} take weights of type BFLOAT16, whatever the type of the other
     * arrays. The values are exact in float; only the weight itself is smaller. False by default: frozen weights are
     * then kept in the type of the network.
     */
    default boolean takesBf16Weights() {
        return false;
    }

    /** {@code y = x wᵀ + beta y}, with x {@code [n, in]}, w {@code [out, in]}, y {@code [n, out]}. */
    void linear(INDArray x, INDArray w, INDArray y, double beta);

    /** {@code dx = dy w + beta dx}: gradient of {@link #linear} with respect to its input. */
    void gradInput(INDArray dy, INDArray w, INDArray dx, double beta);

    /** {@code dw = dyᵀ x + beta dw}: gradient of {@link #linear} with respect to its weight. */
    void gradWeight(INDArray dy, INDArray x, INDArray dw, double beta);

    /**
     * {@code y = x wᵀ + beta y + low bᵀ} with {@code low = x aᵀ}. The bits are those of the three products in this
     * order; a form that converts x does so once.
     */
    default void linear(INDArray x, INDArray w, LowRankSide side, INDArray y, double beta) {
        linear(x, w, y, beta);
        linear(x, side.a(), side.low(), 0);
        linear(side.low(), side.b(), y, 1);
    }

    /**
     * Gradients of the same with respect to x, a and b: {@code dLow = dy b}, {@code dx = dy w + dLow a}, {@code da =
     * dLowᵀ x}, {@code db = dyᵀ low}.
     *
     * @param gradients da, db and dLow
     */
    default void grad(INDArray dy, INDArray x, INDArray w, LowRankSide side, INDArray dx, LowRankSide gradients) {
        gradInput(dy, w, dx, 0);
        grad(dy, side.low(), side.b(), gradients.low(), 0, gradients.b(), 0);
        grad(gradients.low(), x, side.a(), dx, 1, gradients.a(), 0);
    }

    /**
     * Both gradients of {@link #linear}: {@code dx = dy w + betaX dx} and {@code dw = dyᵀ x + betaW dw}. The bits are
     * those of the two methods; a form that converts dy does so once.
     */
    default void grad(INDArray dy, INDArray x, INDArray w, INDArray dx, double betaX, INDArray dw, double betaW) {
        gradInput(dy, w, dx, betaX);
        gradWeight(dy, x, dw, betaW);
    }
}
