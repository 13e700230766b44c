package io.github.psft4j.transformer;

import io.github.psft4j.kernel.WeightAndBias;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The decoder's norm over the last dimension; see {@link FinalNorm}. */
final class FinalNormLayer extends DecoderLayerImpl<FinalNorm> {

    private static final long serialVersionUID = 1L;

    private transient INDArray inverse; // [B*T]

    FinalNormLayer(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        LayerArrays arrays = arrays(workspaces);
        INDArray out = arrays.output(input.shape()); // [B, T, D]
        inverse = arrays.saved(training, input.size(0) * input.size(1));
        double eps = layerConf().decoder().normEps();
        ops.norms().forward(input, FinalNorm.weights(weights()), eps, out, inverse);
        return out;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        LayerArrays arrays = arrays(workspaces);
        INDArray dx = arrays.inputGradient(input.shape()); // [B, T, D]
        WeightAndBias weights = FinalNorm.weights(weights());
        WeightAndBias dw = arrays.orScratch(FinalNorm.weights(gradientTable()), weights);
        ops.norms().grad(epsilon, input, weights, inverse, dx, 0, dw);
        inverse = null;
        return new Pair<>(gradients(), dx);
    }
}
