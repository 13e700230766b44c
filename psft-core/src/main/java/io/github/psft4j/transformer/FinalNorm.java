package io.github.psft4j.transformer;

import io.github.psft4j.kernel.WeightAndBias;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.NormKind;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Configuration of the norm between the last block and the head. Gain g {@code [D]} and, for LayerNorm, bias b
 * {@code [D]}.
 */
public final class FinalNorm extends DecoderLayer {

    private static final long serialVersionUID = 1L;

    /** Name of the gain {@code [D]}. */
    public static final String GAIN = "g";

    /** Name of the bias {@code [D]} of a LayerNorm. */
    public static final String NORM_BIAS = BIAS;

    /** For JSON. */
    FinalNorm() {}

    /** The final norm of a decoder. */
    public FinalNorm(DecoderConfig config) {
        super(config);
    }

    @Override
    public Map<String, long[]> weightShapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(GAIN, new long[] {decoder().hiddenSize()});
        if (decoder().norm() == NormKind.LAYER) {
            shapes.put(NORM_BIAS, new long[] {decoder().hiddenSize()});
        }
        return shapes;
    }

    /** Gain and bias from the parameters or gradients of the layer. */
    public static WeightAndBias weights(Map<String, INDArray> table) {
        return WeightAndBias.of(table, GAIN, NORM_BIAS);
    }

    @Override
    Layer implementation(NeuralNetConfiguration conf, DataType type) {
        return new FinalNormLayer(conf, type);
    }
}
