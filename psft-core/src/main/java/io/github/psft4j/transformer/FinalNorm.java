package io.github.psft4j.transformer;

import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Configuration of the RMSNorm between the last block and the head; parameter g {@code [D]}. */
public final class FinalNorm extends DecoderLayer {

    private static final long serialVersionUID = 1L;

    /** Name of the gain {@code [D]}. */
    public static final String GAIN = "g";

    @JsonProperty
    private double rmsNormEps;

    /** For JSON. */
    FinalNorm() {}

    /** The final norm of a decoder. */
    public FinalNorm(DecoderConfig config) {
        super(config);
        rmsNormEps = config.rmsNormEps();
    }

    /** Added to the mean square. */
    public double rmsNormEps() {
        return rmsNormEps;
    }

    @Override
    public Map<String, long[]> parameterShapes() {
        return Map.of(GAIN, new long[] {hiddenSize()});
    }

    @Override
    Layer implementation(NeuralNetConfiguration conf, DataType type) {
        return new FinalNormLayer(conf, type);
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other) && other instanceof FinalNorm n && rmsNormEps == n.rmsNormEps;
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), rmsNormEps);
    }
}
