package io.github.psft4j.transformer;

import io.github.psft4j.kernel.TensorOps;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The norm of a decoder over rows {@code [n, D]}; inverse is {@code [n]}: 1/rms, or 1/std where the weights have a
 * bias.
 */
public record Norm(TensorOps ops, DecoderConfig config) {

    /** Writes y and inverse. */
    public void forward(INDArray x, WeightAndBias w, INDArray y, INDArray inverse) {
        ops.norms().forward(x, w.weight(), w.bias(), config.normEps(), y, inverse);
    }

    /** {@code dx = grad + beta dx}, and the gradients of gain and bias into dw. */
    void backward(
            INDArray dy, INDArray x, INDArray gain, INDArray inverse, INDArray dx, double beta, WeightAndBias dw) {
        ops.norms().grad(dy, x, gain, inverse, dx, beta, dw.weight(), dw.bias());
    }
}
