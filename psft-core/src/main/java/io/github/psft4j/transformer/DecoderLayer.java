package io.github.psft4j.transformer;

import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.Collection;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonInclude;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * What the configurations of embedding, block and norm share. Activations between decoder layers are {@code [B, T, D]}
 * in 'c' order (Deeplearning4j's NWC), so that {@code [B*T, D]} is a free view.
 */
public abstract class DecoderLayer extends BaseLayer implements ShapedParameters {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private DecoderConfig decoder;

    @JsonProperty
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private TrainedPart trained;

    DecoderLayer() {
        ShapedParameters.unset(this);
    }

    DecoderLayer(DecoderConfig decoder) {
        this();
        this.decoder = Objects.requireNonNull(decoder, "decoder");
    }

    /** Architecture of the decoder that this layer belongs to. */
    public DecoderConfig decoder() {
        return decoder;
    }

    @Override
    public TrainedPart trained() {
        return trained;
    }

    /** Trains this part alone; null for everything. Returns the layer. */
    DecoderLayer train(TrainedPart part) {
        trained = part;
        return this;
    }

    @Override
    public double deviation(String parameter) {
        return decoder.initializerRange();
    }

    abstract Layer implementation(NeuralNetConfiguration conf, DataType type);

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parameters,
            boolean initialize,
            DataType type) {
        return assemble(implementation(conf, type), conf, listeners, index, parameters, initialize);
    }

    @Override
    public ParamInitializer initializer() {
        return INITIALIZER;
    }

    @Override
    public InputType getOutputType(int index, InputType input) {
        return InputType.recurrent(decoder.hiddenSize(), RNNFormat.NWC);
    }

    @Override
    public void setNIn(InputType input, boolean override) {
        // the width is part of the decoder's configuration
    }

    @Override
    public InputPreProcessor getPreProcessorForInputType(InputType input) {
        return null;
    }

    @Override
    public boolean isPretrainParam(String name) {
        return false;
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType input) {
        throw new UnsupportedOperationException(
                "no memory report for " + getClass().getSimpleName());
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other)
                && other instanceof DecoderLayer l
                && Objects.equals(decoder, l.decoder)
                && Objects.equals(trained, l.trained);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), decoder, trained);
    }
}
