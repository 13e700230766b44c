package io.github.psft4j.transformer.config;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.settings.Components;
import java.util.Collections;
import java.util.List;

/**
 * Collects the components of a {@link DecoderConfig}. Required: vocabSize, hiddenSize, intermediateSize, layers and
 * heads.
 */
public final class DecoderConfigBuilder {

    private final Components<DecoderConfig> config = new Components<>(DecoderConfig.class);

    // What defaults follow from, or what has such a default.
    private int hiddenSize;
    private int layers;
    private int heads;
    private int kvHeads;
    private int headDim;
    private List<Integer> windows = List.of();
    private int slidingWindow;
    private double attentionScale;

    DecoderConfigBuilder() {
        maxPositions(2048);
        norm(NormKind.RMS);
        normEps(1e-5);
        ropeTheta(10_000);
        ropeScaling(RopeScaling.NONE);
        activation(Activation.SILU);
        gatedMlp(true);
        initializerRange(0.02);
        bosTokenId(-1);
        eosTokenId(-1);
    }

    private DecoderConfigBuilder set(String component, Object value) {
        config.set(component, value);
        return this;
    }

    /** Number of token ids; required. */
    public DecoderConfigBuilder vocabSize(int value) {
        return set("vocabSize", value);
    }

    /** Width of the residual stream; required. */
    public DecoderConfigBuilder hiddenSize(int value) {
        hiddenSize = value;
        return this;
    }

    /** Width of the feed-forward; required. */
    public DecoderConfigBuilder intermediateSize(int value) {
        return set("intermediateSize", value);
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
        return set("maxPositions", value);
    }

    /** Kind of all norms; default RMS. */
    public DecoderConfigBuilder norm(NormKind value) {
        return set("norm", value);
    }

    /** Added to the mean square or variance in norms; default 1e-5. */
    public DecoderConfigBuilder normEps(double value) {
        return set("normEps", value);
    }

    /** A learned table of positions instead of rotary ones; default false. */
    public DecoderConfigBuilder learnedPositions(boolean value) {
        return set("learnedPositions", value);
    }

    /** Base of the rotary frequencies; default 10,000. */
    public DecoderConfigBuilder ropeTheta(double value) {
        return set("ropeTheta", value);
    }

    /** Change of the rotary frequencies; default none. */
    public DecoderConfigBuilder ropeScaling(RopeScaling value) {
        return set("ropeScaling", value);
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
        return set("scaleByLayer", value);
    }

    /** Whether queries, keys and values have a bias; default false. */
    public DecoderConfigBuilder qkvBias(boolean value) {
        return set("qkvBias", value);
    }

    /** Whether the output of attention has a bias; default false. */
    public DecoderConfigBuilder attentionOutBias(boolean value) {
        return set("attentionOutBias", value);
    }

    /** Whether the feed-forward has biases; default false. */
    public DecoderConfigBuilder mlpBias(boolean value) {
        return set("mlpBias", value);
    }

    /** Whether each query and key head goes through an RMSNorm; default false. */
    public DecoderConfigBuilder qkNorm(boolean value) {
        return set("qkNorm", value);
    }

    /** Non-linearity of the feed-forward; default SILU. */
    public DecoderConfigBuilder activation(Activation value) {
        return set("activation", value);
    }

    /** Whether the feed-forward has a gate; default true. */
    public DecoderConfigBuilder gatedMlp(boolean value) {
        return set("gatedMlp", value);
    }

    /** Whether the head is the transposed embedding; default false. */
    public DecoderConfigBuilder tiedEmbeddings(boolean value) {
        return set("tiedEmbeddings", value);
    }

    /** Standard deviation of fresh weights; default 0.02. */
    public DecoderConfigBuilder initializerRange(double value) {
        return set("initializerRange", value);
    }

    /** Whether fresh weights into the residual stream are divided by sqrt(2 layers); default false. */
    public DecoderConfigBuilder scaledResidualInit(boolean value) {
        return set("scaledResidualInit", value);
    }

    /** Begin-of-sequence id; default -1, none. */
    public DecoderConfigBuilder bosTokenId(int value) {
        return set("bosTokenId", value);
    }

    /** End-of-sequence id; default -1, none. */
    public DecoderConfigBuilder eosTokenId(int value) {
        return set("eosTokenId", value);
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
        boolean given = slidingWindow == 0 || !windows.isEmpty();
        return config.set("hiddenSize", hiddenSize)
                .set("layers", layers)
                .set("heads", heads)
                .set("kvHeads", kvHeads == 0 ? heads : kvHeads)
                .set("headDim", dim)
                .set("windows", given ? windows : Collections.nCopies(Math.max(0, layers), slidingWindow))
                .set("attentionScale", attentionScale == 0 ? 1 / Math.sqrt(Math.max(1, dim)) : attentionScale)
                .build();
    }
}
