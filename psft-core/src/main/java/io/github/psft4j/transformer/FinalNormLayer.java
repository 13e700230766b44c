package io.github.psft4j.transformer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** RMSNorm over the last dimension; see {@link FinalNorm}. */
final class FinalNormLayer extends DecoderLayerImpl<FinalNorm> {

    private static final long serialVersionUID = 1L;

    private transient INDArray inverseRms; // [B*T]

    FinalNormLayer(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        Activations arrays = arrays(workspaces);
        INDArray out = arrays.output(input.shape()); // [B, T, D]
        inverseRms = arrays.saved(training, input.size(0) * input.size(1));
        ops.rmsNorm(input, weight(FinalNorm.GAIN), layerConf().rmsNormEps(), out, inverseRms);
        return out;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray dx = arrays(workspaces).inputGradient(input.shape()); // [B, T, D]
        ops.rmsNormGrad(epsilon, input, weight(FinalNorm.GAIN), inverseRms, dx, 0, gradientOf(FinalNorm.GAIN));
        inverseRms = null;
        return new Pair<>(gradients(), dx);
    }
}
