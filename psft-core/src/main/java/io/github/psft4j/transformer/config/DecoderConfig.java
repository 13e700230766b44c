package io.github.psft4j.transformer.config;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.SequenceLayout;
import java.io.Serializable;
import java.util.List;
import java.util.function.IntFunction;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Architecture of a decoder with norms before each half of a block: grouped-query causal attention, feed-forward, tied
 * or untied head. The options are those in which Llama, Mistral, Qwen2, Qwen3 and GPT-2 differ.
 *
 * @param vocabSize number of token ids
 * @param hiddenSize width D of the residual stream
 * @param intermediateSize width F of the feed-forward
 * @param layers number of blocks
 * @param heads query heads
 * @param kvHeads key/value heads, a divisor of heads
 * @param headDim width of a head; even with rotary positions
 * @param maxPositions longest sequence, unless the RoPE scaling stretches it
 * @param norm kind of all norms
 * @param normEps added to the mean square or variance
 * @param learnedPositions a learned table of positions instead of rotary ones
 * @param ropeTheta base of the rotary frequencies
 * @param ropeScaling change of the rotary frequencies
 * @param windows positions that a query of each block sees, its own included, 0 for all; empty for no windows at all
 * @param attentionScale factor on the scores
 * @param scaleByLayer whether block i divides its scores by i + 1
 * @param qkvBias whether queries, keys and values have a bias
 * @param attentionOutBias whether the output of attention has one
 * @param mlpBias whether the feed-forward has biases
 * @param qkNorm whether each query and key head goes through an RMSNorm
 * @param activation non-linearity of the feed-forward
 * @param gatedMlp {@code down(a(gate x) * up x)} if true, {@code down(a(up x))} otherwise
 * @param tiedEmbeddings whether the head is the transposed embedding
 * @param initializerRange standard deviation of fresh weights
 * @param scaledResidualInit whether fresh weights that write into the residual stream are divided by {@code sqrt(2
 *     layers)}
 * @param bosTokenId begin-of-sequence id, -1 for none
 * @param eosTokenId end-of-sequence id, -1 for none
 */
public record DecoderConfig(
        @JsonProperty("vocabSize") int vocabSize,
        @JsonProperty("hiddenSize") int hiddenSize,
        @JsonProperty("intermediateSize") int intermediateSize,
        @JsonProperty("layers") int layers,
        @JsonProperty("heads") int heads,
        @JsonProperty("kvHeads") int kvHeads,
        @JsonProperty("headDim") int headDim,
        @JsonProperty("maxPositions") int maxPositions,
        @JsonProperty("norm") NormKind norm,
        @JsonProperty("normEps") double normEps,
        @JsonProperty("learnedPositions") boolean learnedPositions,
        @JsonProperty("ropeTheta") double ropeTheta,
        @JsonProperty("ropeScaling") RopeScaling ropeScaling,
        @JsonProperty("windows") List<Integer> windows,
        @JsonProperty("attentionScale") double attentionScale,
        @JsonProperty("scaleByLayer") boolean scaleByLayer,
        @JsonProperty("qkvBias") boolean qkvBias,
        @JsonProperty("attentionOutBias") boolean attentionOutBias,
        @JsonProperty("mlpBias") boolean mlpBias,
        @JsonProperty("qkNorm") boolean qkNorm,
        @JsonProperty("activation") Activation activation,
        @JsonProperty("gatedMlp") boolean gatedMlp,
        @JsonProperty("tiedEmbeddings") boolean tiedEmbeddings,
        @JsonProperty("initializerRange") double initializerRange,
        @JsonProperty("scaledResidualInit") boolean scaledResidualInit,
        @JsonProperty("bosTokenId") int bosTokenId,
        @JsonProperty("eosTokenId") int eosTokenId)
        implements Serializable {

    /** Largest vocabulary whose ids a FLOAT label holds exactly. */
    public static final int MAX_VOCABULARY = 1 << 24;

    /** @throws IllegalArgumentException naming the component, its value and its range */
    @JsonCreator
    public DecoderConfig {
        positive("vocabSize", vocabSize);
        positive("hiddenSize", hiddenSize);
        positive("intermediateSize", intermediateSize);
        positive("layers", layers);
        positive("heads", heads);
        positive("kvHeads", kvHeads);
        positive("headDim", headDim);
        positive("maxPositions", maxPositions);
        check(vocabSize <= MAX_VOCABULARY, "vocabSize", vocabSize, "at most " + MAX_VOCABULARY);
        check(heads % kvHeads == 0, "kvHeads", kvHeads, "a divisor of heads (" + heads + ")");
        aboveZero("normEps", normEps);
        if (learnedPositions) {
            check(
                    ropeScaling.equals(RopeScaling.NONE),
                    "ropeScaling",
                    ropeScaling.kind(),
                    "NONE with learned positions");
        } else {
            check(headDim % 2 == 0, "headDim", headDim, "even, because rotary positions turn pairs of channels");
            aboveZero("ropeTheta", ropeTheta);
            check(
                    headDim > 2 || ropeScaling.kind() != RopeScaling.Kind.DYNAMIC,
                    "headDim",
                    headDim,
                    "above 2 with dynamic RoPE scaling");
        }
        aboveZero("attentionScale", attentionScale);
        aboveZero("initializerRange", initializerRange);
        check(bosTokenId >= -1 && bosTokenId < vocabSize, "bosTokenId", bosTokenId, "-1 or inside the vocabulary");
        check(eosTokenId >= -1 && eosTokenId < vocabSize, "eosTokenId", eosTokenId, "-1 or inside the vocabulary");
        check(windows.isEmpty() || windows.size() == layers, "windows", windows, "empty or one per layer");
        check(windows.stream().allMatch(w -> w >= 0), "windows", windows, "0 or positive in every layer");
        windows = windows.stream().allMatch(w -> w == 0) ? List.of() : List.copyOf(windows);
    }

    private static void positive(String name, int value) {
        check(value > 0, name, value, "positive");
    }

    private static void aboveZero(String name, double value) {
        check(value > 0 && Double.isFinite(value), name, value, "finite and above 0");
    }

    /**
     * Refuses a value that the architecture cannot have.
     *
     * @throws IllegalArgumentException naming the field, the rule and the value
     */
    public static void check(boolean ok, String name, Object value, String rule) {
        if (!ok) {
            throw new IllegalArgumentException(name + " must be " + rule + ", was " + value);
        }
    }

    /**
     * Number of trainable parameters.
     *
     * @throws ArithmeticException if they are more than 2^63
     */
    public long parameters() {
        long d = hiddenSize;
        long f = intermediateSize;
        long qkv = Math.multiplyExact(heads + 2L * kvHeads, headDim);
        long oneNorm = norm == NormKind.LAYER ? 2 * d : d;
        long attention = Math.multiplyExact(d, qkv + (long) heads * headDim)
                + (qkvBias ? qkv : 0)
                + (attentionOutBias ? d : 0)
                + (qkNorm ? 2L * headDim : 0);
        long in = gatedMlp ? 2 * f : f;
        long mlp = Math.multiplyExact(d, in + f) + (mlpBias ? in + d : 0);
        long embedding =
                Math.addExact((long) vocabSize * d * (tiedEmbeddings ? 1 : 2), learnedPositions ? maxPositions * d : 0);
        return Math.addExact(
                Math.multiplyExact(layers, Math.addExact(attention, mlp + 2 * oneNorm)),
                Math.addExact(oneNorm, embedding));
    }

    /**
     * Refuses token ids that the embedding does not have.
     *
     * @param place where the i-th of the ids stands, such as "at position 3"
     * @throws IllegalArgumentException naming the first id outside the vocabulary and its place
     */
    public void checkIds(int[] ids, IntFunction<String> place) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabSize) {
                throw new IllegalArgumentException("token id " + ids[i] + " " + place.apply(i)
                        + " is outside the vocabulary [0, " + vocabSize
                        + "); check that the tokenizer belongs to the model");
            }
        }
    }

    /** The same architecture with a head of its own. */
    public DecoderConfig untied() {
        return new DecoderConfig(
                vocabSize,
                hiddenSize,
                intermediateSize,
                layers,
                heads,
                kvHeads,
                headDim,
                maxPositions,
                norm,
                normEps,
                learnedPositions,
                ropeTheta,
                ropeScaling,
                windows,
                attentionScale,
                scaleByLayer,
                qkvBias,
                attentionOutBias,
                mlpBias,
                qkNorm,
                activation,
                gatedMlp,
                false,
                initializerRange,
                scaledResidualInit,
                bosTokenId,
                eosTokenId);
    }

    /** Longest sequence that the positions reach; above maxPositions where the RoPE scaling stretches the context. */
    public int longestSequence() {
        return learnedPositions ? maxPositions : ropeScaling.longestSequence(maxPositions);
    }

    /** Window of block i, 0 for none. */
    public int window(int block) {
        return windows.isEmpty() ? 0 : windows.get(block);
    }

    /** Attention of block i over rows that are one sequence each. */
    public AttentionShape attention(int block, int batch, int time) {
        return attention(block, SequenceLayout.whole(batch, time));
    }

    /** Attention of block i over a batch. */
    public AttentionShape attention(int block, SequenceLayout segments) {
        double scale = scaleByLayer ? attentionScale / (block + 1) : attentionScale;
        return new AttentionShape(
                segments.batch(), segments.time(), heads, kvHeads, headDim, window(block), scale, segments);
    }

    /** Rotary table for sequences of the given length. */
    public RotaryTable rotary(int length) {
        float[] frequencies = ropeScaling.frequencies(headDim, ropeTheta, maxPositions, length);
        return RotaryTable.of(length, frequencies, ropeScaling.attentionFactor());
    }

    /** Rotary table for the longest of the sequences; null with learned positions. */
    public RotaryTable rotary(SequenceLayout segments) {
        return learnedPositions ? null : rotary(segments.longest());
    }

    /** A builder with the defaults of the Llama family. */
    public static DecoderConfigBuilder builder() {
        return new DecoderConfigBuilder();
    }
}
