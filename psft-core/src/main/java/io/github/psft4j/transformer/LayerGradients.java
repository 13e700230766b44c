package io.github.psft4j.transformer;

import io.github.psft4j.kernel.TensorOps;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where a layer writes its gradients: into the graph's, or under a {@link GradientSum} beside them. */
final class LayerGradients {

    private GradientSum sum; // null: the graph's are overwritten
    private INDArray beside; // flat; null outside of a pass
    private Map<String, INDArray> views; // of it

    void sumIn(GradientSum newSum) {
        sum = newSum;
        beside = null; // of a pass that failed
        views = null;
    }

    /**
     * Views of the gradients by name; none for frozen weights.
     *
     * @param own views of the graph's gradients, null without any
     * @param flat what they are views of
     */
    Map<String, INDArray> table(NeuralNetConfiguration conf, Map<String, INDArray> own, INDArray flat) {
        if (own == null) {
            return Map.of();
        }
        if (sum == null || own.isEmpty()) {
            return own;
        }
        if (views == null) {
            beside = sum.take(flat);
            views = conf.getLayer().initializer().getGradientsFromFlattened(conf, beside);
        }
        return views;
    }

    /** Ends the layer's pass. */
    void add(TensorOps ops, INDArray flat) {
        if (views != null) {
            ops.vectors().add(beside, flat.reshape(flat.length()));
            sum.giveBack(beside);
            beside = null;
            views = null;
        }
    }
}
