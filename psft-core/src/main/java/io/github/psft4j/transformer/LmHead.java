package io.github.psft4j.transformer;

import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.Collection;
import java.util.LinkedHashMap;
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
 * the embedding. A head with a value also has v {@code [1, D]} and bv {@code [1]}, from which a critic's value of every
 * token is {@code v x + bv}; both start at zero.
 *
 * <p>Input {@code [B, T, D]}, labels {@code [B, C, T]}, label mask {@code [B, T]}; the output of the network is the
 * logits {@code [B, T, V]}. A tied head must be linked to its embedding by {@link DecoderGraph#link} after the graph is
 * initialised.
 */
public final class LmHead extends BaseOutputLayer implements ShapedParameters {

    private static final long serialVersionUID = 1L;

    /** Name of the weight {@code [V, D]} of an untied head. */
    public static final String WEIGHT = "W";

    /** Name of the weight {@code [1, D]} of the value. */
    public static final String VALUE = "v";

    /** Name of the bias {@code [1]} of the value. */
    public static final String VALUE_BIAS = BIAS + VALUE;

    /** What a head computes. */
    public enum Output {
        /** Logits: a language model. */
        LOGITS,
        /** Logits, and a value beside them: a policy with a critic on its trunk. */
        LOGITS_AND_VALUE,
        /** A value alone: a critic with a trunk of its own. */
        VALUE;

        /** Whether there are logits. */
        public boolean logits() {
            return this != VALUE;
        }

        /** Whether there is a value. */
        public boolean value() {
            return this != LOGITS;
        }
    }

    @JsonProperty
    private boolean tied;

    @JsonProperty
    private double initializerRange;

    @JsonProperty
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private TrainedPart trained;

    @JsonProperty
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private Output output; // null: logits

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

    /** What it computes. */
    public Output output() {
        return output == null ? Output.LOGITS : output;
    }

    /** Makes it compute something else than logits alone. Returns the head. */
    LmHead compute(Output other) {
        output = other == Output.LOGITS ? null : other;
        return this;
    }

    /** Whether the weight is the embedding's. */
    public boolean tied() {
        return tied;
    }

    @Override
    public double deviation(String parameter) {
        return parameter.equals(VALUE) ? 0 : initializerRange;
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
        Map<String, long[]> shapes = new LinkedHashMap<>();
        if (output().logits() && !tied) {
            shapes.put(WEIGHT, new long[] {nOut, nIn});
        }
        if (output().value()) {
            shapes.put(VALUE, new long[] {1, nIn});
            shapes.put(VALUE_BIAS, new long[] {1});
        }
        return shapes;
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
                && Objects.equals(trained, h.trained)
                && output() == h.output();
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), tied, initializerRange, trained, output());
    }
}
