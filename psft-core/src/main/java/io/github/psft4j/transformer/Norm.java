package io.github.psft4j.transformer;

import io.github.psft4j.kernel.TensorOps;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The norm of a decoder, of either kind, over rows {@code [n, D]}; inverse is {@code [n]}: 1/rms or 1/std. */
public record Norm(TensorOps ops, DecoderConfig config) {

    /** bias is null for RMSNorm. */
    public void forward(INDArray x, INDArray gain, INDArray bias, INDArray y, INDArray inverse) {
        switch (config.norm()) {
            case RMS -> ops.norms().rms(x, gain, config.normEps(), y, inverse);
            case LAYER -> ops.norms().layer(x, gain, bias, config.normEps(), y, inverse);
        }
    }

    /** {@code dx = grad + beta dx}; dBias is null for RMSNorm. */
    void backward(
            INDArray dy,
            INDArray x,
            INDArray gain,
            INDArray inverse,
            INDArray dx,
            double beta,
            INDArray dGain,
            INDArray dBias) {
        switch (config.norm()) {
            case RMS -> ops.norms().rmsGrad(dy, x, gain, inverse, dx, beta, dGain);
            case LAYER -> ops.norms().layerGrad(dy, x, gain, inverse, dx, beta, dGain, dBias);
        }
    }
}
