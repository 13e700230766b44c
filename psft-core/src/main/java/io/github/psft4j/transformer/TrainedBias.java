package io.github.psft4j.transformer;

import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.Views;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The bias of a linear weight of which rows are trained. A pass uses {@code sum}; the base keeps its own.
 *
 * @param parts the trained rows
 * @param base {@code [out]}; null for none
 * @param sum {@code [out]}, of base and parts
 */
record TrainedBias(List<BiasPart> parts, INDArray base, INDArray sum) {

    /** The bias of a weight, from the weights of a layer. */
    static TrainedBias of(List<BiasPart> parts, Map<String, INDArray> weights, INDArray base) {
        INDArray weight = weights.get(parts.get(0).weight());
        return new TrainedBias(parts, base, Nd4j.zeros(like(weights).dataType(), weight.size(0)));
    }

    /** A vector of the layer: matrices may have another type. */
    private static INDArray like(Map<String, INDArray> weights) {
        return weights.get(DecoderBlock.ATTENTION_NORM);
    }

    /** Forms the sum of the parameters as they are now. */
    void refresh(Map<String, INDArray> parameters) {
        if (base == null) {
            sum.assign(0);
        } else {
            sum.assign(base);
        }
        for (int i = 0; i < parts.size(); i++) {
            BiasPart part = parts.get(i);
            INDArray vector = parameters.get(part.parameter(i));
            INDArray rows = Views.span(sum, part.from(), part.to());
            if (part.added()) {
                rows.addi(vector.mul(part.scaling()));
            } else {
                rows.assign(vector);
            }
        }
    }

    /** The gradients of the parameters, from that of the output {@code [n, out]}, into their views. */
    void backward(TensorOps ops, INDArray dy, Map<String, INDArray> gradients, LayerArrays arrays) {
        INDArray dSum = arrays.backwardScratch(sum.length());
        ops.vectors().sumRows(dy, dSum);
        for (int i = 0; i < parts.size(); i++) {
            BiasPart part = parts.get(i);
            gradients
                    .get(part.parameter(i))
                    .assign(Views.span(dSum, part.from(), part.to()))
                    .muli(part.scaling());
        }
    }
}
