package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.NormKind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of one block, {@code [B, T, D] -> [B, T, D]}:
 *
 * <pre>
 * r   = x + Wo attention(rope(headNorm(Wqkv norm(x)))) + bo
 * out = r + Wdown (a(Wgate n) * (Wup n)) + bdown,   n = norm(r)
 * </pre>
 *
 * <p>Biases, the norm of query and key heads, rotary positions and the gate are there as {@link DecoderConfig} says.
 *
 * <p>Parameters: gains g1, g2 {@code [D]} and gq, gk {@code [d]}. Wqkv {@code [(H + 2 KV) d, D]}: rows of queries,
 * keys, values one below the other. Wo {@code [D, H d]}. Wgu {@code [2F, D]}: gate above up, or {@code [F, D]} without
 * a gate. Wdown {@code [D, F]}. Each but gq and gk can have a bias.
 */
public final class DecoderBlock extends DecoderLayer {

    private static final long serialVersionUID = 1L;

    /** Gain of the norm before attention. */
    public static final String ATTENTION_NORM = "g1";

    /** Bias of the norm before attention. */
    public static final String ATTENTION_NORM_BIAS = BIAS + "1";

    /** Fused query, key and value weight. */
    public static final String QKV = "Wqkv";

    /** Fused query, key and value bias. */
    public static final String QKV_BIAS = BIAS + "qkv";

    /** Gain of the norm of query heads. */
    public static final String QUERY_NORM = "gq";

    /** Gain of the norm of key heads. */
    public static final String KEY_NORM = "gk";

    /** Output weight of attention. */
    public static final String ATTENTION_OUT = "Wo";

    /** Output bias of attention. */
    public static final String ATTENTION_OUT_BIAS = BIAS + "o";

    /** Gain of the norm before the feed-forward. */
    public static final String MLP_NORM = "g2";

    /** Bias of the norm before the feed-forward. */
    public static final String MLP_NORM_BIAS = BIAS + "2";

    /** Fused gate and up weight, or the up weight alone. */
    public static final String GATE_UP = "Wgu";

    /** Fused gate and up bias, or the up bias alone. */
    public static final String GATE_UP_BIAS = BIAS + "gu";

    /** Down weight of the feed-forward. */
    public static final String DOWN = "Wdown";

    /** Down bias of the feed-forward. */
    public static final String DOWN_BIAS = BIAS + "down";

    /** Names of the biases by those of the linear weights. */
    private static final Map<String, String> BIASES =
            Map.of(QKV, QKV_BIAS, ATTENTION_OUT, ATTENTION_OUT_BIAS, GATE_UP, GATE_UP_BIAS, DOWN, DOWN_BIAS);

    @JsonProperty
    private int index;

    /** For JSON. */
    DecoderBlock() {}

    /** Block number {@code index} of a decoder. */
    public DecoderBlock(DecoderConfig config, int index) {
        super(config);
        this.index = index;
    }

    /** Name of the bias of a linear weight, whether the block has one or not. */
    public static String biasOf(String weight) {
        return BIASES.get(weight);
    }

    /** Number of the block, from 0. */
    public int index() {
        return index;
    }

    @Override
    public Map<String, long[]> weightShapes() {
        DecoderConfig c = decoder();
        int d = c.hiddenSize();
        AttentionShape attention = c.attention(index, 1, 1);
        long in = (c.gatedMlp() ? 2L : 1L) * c.intermediateSize();
        boolean layerNorm = c.norm() == NormKind.LAYER;
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(ATTENTION_NORM, new long[] {d});
        putIf(layerNorm, shapes, ATTENTION_NORM_BIAS, d);
        shapes.put(QKV, new long[] {attention.qkvWidth(), d});
        putIf(c.qkvBias(), shapes, QKV_BIAS, attention.qkvWidth());
        putIf(c.qkNorm(), shapes, QUERY_NORM, c.headDim());
        putIf(c.qkNorm(), shapes, KEY_NORM, c.headDim());
        shapes.put(ATTENTION_OUT, new long[] {d, attention.outWidth()});
        putIf(c.attentionOutBias(), shapes, ATTENTION_OUT_BIAS, d);
        shapes.put(MLP_NORM, new long[] {d});
        putIf(layerNorm, shapes, MLP_NORM_BIAS, d);
        shapes.put(GATE_UP, new long[] {in, d});
        putIf(c.mlpBias(), shapes, GATE_UP_BIAS, in);
        shapes.put(DOWN, new long[] {d, c.intermediateSize()});
        putIf(c.mlpBias(), shapes, DOWN_BIAS, d);
        return shapes;
    }

    private static void putIf(boolean present, Map<String, long[]> shapes, String name, long length) {
        if (present) {
            shapes.put(name, new long[] {length});
        }
    }

    @Override
    public double deviation(String parameter) {
        boolean residual = parameter.equals(ATTENTION_OUT) || parameter.equals(DOWN);
        double range = decoder().initializerRange();
        return residual && decoder().scaledResidualInit()
                ? range / Math.sqrt(2.0 * decoder().layers())
                : range;
    }

    @Override
    Layer implementation(NeuralNetConfiguration conf, DataType type) {
        return new DecoderBlockLayer(conf, type);
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other) && other instanceof DecoderBlock b && index == b.index;
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), index);
    }
}
