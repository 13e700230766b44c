package io.github.psft4j.transformer;

import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonInclude;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of the language-model head. It computes logits, token loss and gradient in one sweep over chunks of
 * rows, so that {@code [B*T, V]} never exists whole while training. Parameter W {@code [V, D]}, or none when tied to
 * the embedding.
 *
 * <p>Input {@code [B, T, D]}, labels {@code [B, C, T]}, label mask {@code [B, T]}; the output of the network is the
 * logits {@code [B, T, V]}. A tied head must be linked to its embedding by {@link DecoderGraph#link} after the graph is
 * initialised.
 */
public final class LmHead extends BaseOutputLayer implements ShapedParameters {

    private static final long serialVersionUID = 1L;

    /** Name of the weight {@code [V, D]} of an untied head. */
    public static final String WEIGHT = "W";

    @JsonProperty
    private boolean tied;

    @JsonProperty
    private double initializerRange;

    @JsonProperty
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private TrainedPart trained;

    /** For JSON. */
    LmHead() {
        ShapedParameters.unset(this);
    }

    /** The head of a decoder with the given loss. */
    public LmHead(DecoderConfig config, TokenLoss loss) {
        this();
        nIn = config.hiddenSize();
        nOut = config.vocabSize();
        tied = config.tiedEmbeddings();
        initializerRange = config.initializerRange();
        lossFn = Objects.requireNonNull(loss, "loss");
        activationFn = new ActivationIdentity();
        hasBias = false;
    }

    /** Whether the weight is the embedding's. */
    public boolean tied() {
        return tied;
    }

    @Override
    public double deviation(String parameter) {
        return initializerRange;
    }

    @Override
    public TrainedPart trained() {
        return trained;
    }

    /** Trains this part alone; null for everything. Returns the head. */
    LmHead train(TrainedPart part) {
        trained = part;
        return this;
    }

    @Override
    public Map<String, long[]> weightShapes() {
        return tied ? Map.of() : Map.of(WEIGHT, new long[] {nOut, nIn});
    }

    static Map<String, long[]> weightShapes(DecoderConfig config) {
        return config.tiedEmbeddings()
                ? Map.of()
                : Map.of(WEIGHT, new long[] {config.vocabSize(), config.hiddenSize()});
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parameters,
            boolean initialize,
            DataType type) {
        return assemble(new LmHeadLayer(conf, type), conf, listeners, index, parameters, initialize);
    }

    @Override
    public ParamInitializer initializer() {
        return INITIALIZER;
    }

    @Override
    public InputType getOutputType(int index, InputType input) {
        return InputType.recurrent(nOut, RNNFormat.NWC);
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other)
                && other instanceof LmHead h
                && tied == h.tied
                && initializerRange == h.initializerRange
                && Objects.equals(trained, h.trained);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), tied, initializerRange, trained);
    }
}
