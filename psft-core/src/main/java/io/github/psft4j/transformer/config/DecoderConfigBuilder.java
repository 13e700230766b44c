package io.github.psft4j.transformer.config;

import io.github.psft4j.kernel.Activation;
import java.util.Collections;
import java.util.List;

/**
 * Collects the components of a {@link DecoderConfig}. Required: vocabSize, hiddenSize, intermediateSize, layers and
 * heads.
 */
public final class DecoderConfigBuilder {

    private int vocabSize;
    private int hiddenSize;
    private int intermediateSize;
    private int layers;
    private int heads;
    private int kvHeads;
    private int headDim;
    private int maxPositions = 2048;
    private NormKind norm = NormKind.RMS;
    private double normEps = 1e-5;
    private boolean learnedPositions;
    private double ropeTheta = 10_000;
    private RopeScaling ropeScaling = RopeScaling.NONE;
    private List<Integer> windows = List.of();
    private int slidingWindow;
    private double attentionScale;
    private boolean scaleByLayer;
    private boolean qkvBias;
    private boolean attentionOutBias;
    private boolean mlpBias;
    private boolean qkNorm;
    private Activation activation = Activation.SILU;
    private boolean gatedMlp = true;
    private boolean tiedEmbeddings;
    private double initializerRange = 0.02;
    private boolean scaledResidualInit;
    private int bosTokenId = -1;
    private int eosTokenId = -1;

    DecoderConfigBuilder() {}

    /** Number of token ids; required. */
    public DecoderConfigBuilder vocabSize(int value) {
        vocabSize = value;
        return this;
    }

    /** Width of the residual stream; required. */
    public DecoderConfigBuilder hiddenSize(int value) {
        hiddenSize = value;
        return this;
    }

    /** Width of the feed-forward; required. */
    public DecoderConfigBuilder intermediateSize(int value) {
        intermediateSize = value;
        return this;
    }

    /** Number of blocks; required. */
    public DecoderConfigBuilder layers(int value) {
        layers = value;
        return this;
    }

    /** Query heads; required. */
    public DecoderConfigBuilder heads(int value) {
        heads = value;
        return this;
    }

    /** Key/value heads; default: heads. */
    public DecoderConfigBuilder kvHeads(int value) {
        kvHeads = value;
        return this;
    }

    /** Width of a head; default: hiddenSize / heads. */
    public DecoderConfigBuilder headDim(int value) {
        headDim = value;
        return this;
    }

    /** Longest sequence; default 2048. */
    public DecoderConfigBuilder maxPositions(int value) {
        maxPositions = value;
        return this;
    }

    /** Kind of all norms; default RMS. */
    public DecoderConfigBuilder norm(NormKind value) {
        norm = value;
        return this;
    }

    /** Added to the mean square or variance in norms; default 1e-5. */
    public DecoderConfigBuilder normEps(double value) {
        normEps = value;
        return this;
    }

    /** A learned table of positions instead of rotary ones; default false. */
    public DecoderConfigBuilder learnedPositions(boolean value) {
        learnedPositions = value;
        return this;
    }

    /** Base of the rotary frequencies; default 10,000. */
    public DecoderConfigBuilder ropeTheta(double value) {
        ropeTheta = value;
        return this;
    }

    /** Change of the rotary frequencies; default none. */
    public DecoderConfigBuilder ropeScaling(RopeScaling value) {
        ropeScaling = value;
        return this;
    }

    /** Positions that a query of every block sees, its own included; default 0, all. */
    public DecoderConfigBuilder slidingWindow(int value) {
        slidingWindow = value;
        return this;
    }

    /** The same block by block, 0 for all positions; default: slidingWindow everywhere. */
    public DecoderConfigBuilder windows(List<Integer> value) {
        windows = value;
        return this;
    }

    /** Factor on the attention scores; default 1/sqrt(headDim). */
    public DecoderConfigBuilder attentionScale(double value) {
        attentionScale = value;
        return this;
    }

    /** Whether block i divides its scores by i + 1; default false. */
    public DecoderConfigBuilder scaleByLayer(boolean value) {
        scaleByLayer = value;
        return this;
    }

    /** Whether queries, keys and values have a bias; default false. */
    public DecoderConfigBuilder qkvBias(boolean value) {
        qkvBias = value;
        return this;
    }

    /** Whether the output of attention has a bias; default false. */
    public DecoderConfigBuilder attentionOutBias(boolean value) {
        attentionOutBias = value;
        return this;
    }

    /** Whether the feed-forward has biases; default false. */
    public DecoderConfigBuilder mlpBias(boolean value) {
        mlpBias = value;
        return this;
    }

    /** Whether each query and key head goes through an RMSNorm; default false. */
    public DecoderConfigBuilder qkNorm(boolean value) {
        qkNorm = value;
        return this;
    }

    /** Non-linearity of the feed-forward; default SILU. */
    public DecoderConfigBuilder activation(Activation value) {
        activation = value;
        return this;
    }

    /** Whether the feed-forward has a gate; default true. */
    public DecoderConfigBuilder gatedMlp(boolean value) {
        gatedMlp = value;
        return this;
    }

    /** Whether the head is the transposed embedding; default false. */
    public DecoderConfigBuilder tiedEmbeddings(boolean value) {
        tiedEmbeddings = value;
        return this;
    }

    /** Standard deviation of fresh weights; default 0.02. */
    public DecoderConfigBuilder initializerRange(double value) {
        initializerRange = value;
        return this;
    }

    /** Whether fresh weights into the residual stream are divided by sqrt(2 layers); default false. */
    public DecoderConfigBuilder scaledResidualInit(boolean value) {
        scaledResidualInit = value;
        return this;
    }

    /** Begin-of-sequence id; default -1, none. */
    public DecoderConfigBuilder bosTokenId(int value) {
        bosTokenId = value;
        return this;
    }

    /** End-of-sequence id; default -1, none. */
    public DecoderConfigBuilder eosTokenId(int value) {
        eosTokenId = value;
        return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException if a component is missing or out of range
     */
    public DecoderConfig build() {
        int dim = headDim;
        if (dim == 0 && heads > 0) {
            DecoderConfig.check(
                    hiddenSize % heads == 0,
                    "hiddenSize",
                    hiddenSize,
                    "a multiple of heads (" + heads + ") unless headDim is given");
            dim = hiddenSize / heads;
        }
        return new DecoderConfig(
                vocabSize,
                hiddenSize,
                intermediateSize,
                layers,
                heads,
                kvHeads == 0 ? heads : kvHeads,
                dim,
                maxPositions,
                norm,
                normEps,
                learnedPositions,
                ropeTheta,
                ropeScaling,
                slidingWindow == 0 || !windows.isEmpty()
                        ? windows
                        : Collections.nCopies(Math.max(0, layers), slidingWindow),
                attentionScale == 0 ? 1 / Math.sqrt(Math.max(1, dim)) : attentionScale,
                scaleByLayer,
                qkvBias,
                attentionOutBias,
                mlpBias,
                qkNorm,
                activation,
                gatedMlp,
                tiedEmbeddings,
                initializerRange,
                scaledResidualInit,
                bosTokenId,
                eosTokenId);
    }
}
