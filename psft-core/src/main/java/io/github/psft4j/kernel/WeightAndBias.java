package io.github.psft4j.kernel;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Weight and bias of a linear layer, or gain and bias of a norm, or the gradients of both.
 *
 * @param weight {@code [out, in]}, or the gain {@code [D]}
 * @param bias {@code [out]}; null for none
 */
public record WeightAndBias(INDArray weight, INDArray bias) {

    /** Both by their names in a layer's parameters or gradients; a bias that the layer lacks is null. */
    public static WeightAndBias of(Map<String, INDArray> parameters, String weight, String bias) {
        return new WeightAndBias(parameters.get(weight), parameters.get(bias));
    }
}
