package io.github.psft4j.transformer;

import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the working layers share: operations for their data type, workspaces, views of parameters and gradients. */
abstract class DecoderLayerImpl<C extends DecoderLayer> extends BaseLayer<C> implements DecoderWeights.OfLayer {

    private static final long serialVersionUID = 1L;

    transient TensorOps ops;
    final transient GradientSum.OfLayer gradients = new GradientSum.OfLayer();
    private transient Map<String, INDArray> all; // null: the parameters are all weights

    DecoderLayerImpl(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
        ops = TensorOpsFactory.forType(type);
    }

    final LayerArrays arrays(LayerWorkspaceMgr workspaces) {
        return new LayerArrays(workspaces, dataType);
    }

    @Override
    public final Map<String, INDArray> weights() {
        return all == null ? params : all;
    }

    @Override
    public final void freeze(Map<String, INDArray> frozen) {
        all = DecoderWeights.OfLayer.together(params, frozen);
    }

    /** Views of the gradients by name; none for frozen weights. */
    final Map<String, INDArray> gradientTable() {
        return gradients.table(conf, gradientViews, gradientsFlattened);
    }

    /** The gradients at the end of the layer's pass. */
    final Gradient gradients() {
        gradients.add(ops, gradientsFlattened);
        return gradients(gradientViews, gradientsFlattened);
    }

    /** Gradients of a layer; one without parameters of its own has none. */
    static Gradient gradients(Map<String, INDArray> views, INDArray flattened) {
        Gradient gradient = new DefaultGradient(flattened);
        if (views != null) {
            views.forEach(gradient::setGradientFor);
        }
        return gradient;
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public Type type() {
        return Type.RECURRENT;
    }
}
