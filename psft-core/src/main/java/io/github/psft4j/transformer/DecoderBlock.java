package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of one Llama block, {@code [B, T, D] -> [B, T, D]}:
 *
 * <pre>
 * r   = x + Wo attention(rope(Wqkv rmsNorm(x, g1)))
 * out = r + Wdown (silu(Wgate n) * (Wup n)),   n = rmsNorm(r, g2)
 * </pre>
 *
 * <p>Parameters: g1, g2 {@code [D]}; Wqkv {@code [(H + 2 KV) d, D]}, rows of queries, keys, values one below the other;
 * Wo {@code [D, H d]}; Wgu {@code [2F, D]}, gate above up; Wdown {@code [D, F]}.
 */
public final class DecoderBlock extends DecoderLayer {

    private static final long serialVersionUID = 1L;

    /** Gain of the norm before attention. */
    public static final String ATTENTION_NORM = "g1";

    /** Fused query, key and value weight. */
    public static final String QKV = "Wqkv";

    /** Output weight of attention. */
    public static final String ATTENTION_OUT = "Wo";

    /** Gain of the norm before the feed-forward. */
    public static final String MLP_NORM = "g2";

    /** Fused gate and up weight. */
    public static final String GATE_UP = "Wgu";

    /** Down weight of the feed-forward. */
    public static final String DOWN = "Wdown";

    @JsonProperty
    private int intermediateSize;

    @JsonProperty
    private int heads;

    @JsonProperty
    private int kvHeads;

    @JsonProperty
    private int headDim;

    @JsonProperty
    private int maxPositions;

    @JsonProperty
    private double rmsNormEps;

    @JsonProperty
    private double ropeTheta;

    /** For JSON. */
    DecoderBlock() {}

    /** A block of a decoder. */
    public DecoderBlock(DecoderConfig config) {
        super(config);
        intermediateSize = config.intermediateSize();
        heads = config.heads();
        kvHeads = config.kvHeads();
        headDim = config.headDim();
        maxPositions = config.maxPositions();
        rmsNormEps = config.rmsNormEps();
        ropeTheta = config.ropeTheta();
    }

    /** Shape of attention over a batch. */
    AttentionShape attentionShape(int batch, int time) {
        return new AttentionShape(batch, time, heads, kvHeads, headDim);
    }

    /** Width F of the feed-forward. */
    public int intermediateSize() {
        return intermediateSize;
    }

    /** Longest sequence. */
    public int maxPositions() {
        return maxPositions;
    }

    /** Added to the mean square of the norms. */
    public double rmsNormEps() {
        return rmsNormEps;
    }

    /** Base of the rotary frequencies. */
    public double ropeTheta() {
        return ropeTheta;
    }

    /** Width of a head. */
    public int headDim() {
        return headDim;
    }

    @Override
    public Map<String, long[]> parameterShapes() {
        int d = hiddenSize();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(ATTENTION_NORM, new long[] {d});
        shapes.put(QKV, new long[] {(long) (heads + 2 * kvHeads) * headDim, d});
        shapes.put(ATTENTION_OUT, new long[] {d, (long) heads * headDim});
        shapes.put(MLP_NORM, new long[] {d});
        shapes.put(GATE_UP, new long[] {2L * intermediateSize, d});
        shapes.put(DOWN, new long[] {d, intermediateSize});
        return shapes;
    }

    @Override
    Layer implementation(NeuralNetConfiguration conf, DataType type) {
        return new DecoderBlockLayer(conf, type);
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other)
                && other instanceof DecoderBlock b
                && intermediateSize == b.intermediateSize
                && heads == b.heads
                && kvHeads == b.kvHeads
                && headDim == b.headDim
                && maxPositions == b.maxPositions
                && rmsNormEps == b.rmsNormEps
                && ropeTheta == b.ropeTheta;
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                super.hashCode(), intermediateSize, heads, kvHeads, headDim, maxPositions, rmsNormEps, ropeTheta);
    }
}
