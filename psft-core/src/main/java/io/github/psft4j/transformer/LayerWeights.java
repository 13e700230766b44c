package io.github.psft4j.transformer;

import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A working layer whose weights need not all be parameters of the network: it computes with frozen ones as well. */
interface LayerWeights {

    /** All weights by name, frozen and trained. */
    Map<String, INDArray> weights();

    /** Gives the layer the weights that it does not train. */
    void freeze(Map<String, INDArray> frozen);

    /** Both in one table. */
    static Map<String, INDArray> together(Map<String, INDArray> parameters, Map<String, INDArray> frozen) {
        Map<String, INDArray> all = new LinkedHashMap<>(frozen);
        if (parameters != null) {
            all.putAll(parameters);
        }
        return all;
    }
}
