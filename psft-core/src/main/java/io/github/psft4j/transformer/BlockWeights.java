package io.github.psft4j.transformer;

import io.github.psft4j.kernel.Norms.HeadGains;
import io.github.psft4j.kernel.WeightAndBias;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Parameters of a {@link DecoderBlock}, or their gradients, by what they are for.
 *
 * @param norm1 before attention
 * @param qkv from the residual stream to queries, keys and values
 * @param headGains null inside without a norm of heads
 * @param attentionOut from attention to the residual stream
 * @param norm2 before the feed-forward
 * @param gateUp from the residual stream to gate and up, or to up alone
 * @param down from the feed-forward to the residual stream
 * @param adapters what is added to the output of a linear weight, by its name
 */
public record BlockWeights(
        WeightAndBias norm1,
        WeightAndBias qkv,
        HeadGains headGains,
        WeightAndBias attentionOut,
        WeightAndBias norm2,
        WeightAndBias gateUp,
        WeightAndBias down,
        Map<String, LowRank> adapters) {

    /** A linear weight and its bias by the name of the weight. */
    WeightAndBias linear(String weight) {
        return switch (weight) {
            case DecoderBlock.QKV -> qkv;
            case DecoderBlock.ATTENTION_OUT -> attentionOut;
            case DecoderBlock.GATE_UP -> gateUp;
            case DecoderBlock.DOWN -> down;
            default -> throw new IllegalArgumentException("no linear weight " + weight);
        };
    }

    /** The same with adapters under dropout. */
    BlockWeights under(AdapterDropout.Inputs inputs) {
        Map<String, LowRank> dropped = new LinkedHashMap<>();
        adapters.forEach((weight, low) -> dropped.put(weight, low.with(inputs)));
        return new BlockWeights(norm1, qkv, headGains, attentionOut, norm2, gateUp, down, dropped);
    }

    /** From the weights or gradients of a block by their names; those that are not there are null. */
    public static BlockWeights of(Map<String, INDArray> table) {
        return of(table, Map.of());
    }

    /** The same with adapters. */
    static BlockWeights of(Map<String, INDArray> table, Map<String, LowRank> adapters) {
        return new BlockWeights(
                WeightAndBias.of(table, DecoderBlock.ATTENTION_NORM, DecoderBlock.ATTENTION_NORM_BIAS),
                WeightAndBias.of(table, DecoderBlock.QKV, DecoderBlock.QKV_BIAS),
                new HeadGains(table.get(DecoderBlock.QUERY_NORM), table.get(DecoderBlock.KEY_NORM)),
                WeightAndBias.of(table, DecoderBlock.ATTENTION_OUT, DecoderBlock.ATTENTION_OUT_BIAS),
                WeightAndBias.of(table, DecoderBlock.MLP_NORM, DecoderBlock.MLP_NORM_BIAS),
                WeightAndBias.of(table, DecoderBlock.GATE_UP, DecoderBlock.GATE_UP_BIAS),
                WeightAndBias.of(table, DecoderBlock.DOWN, DecoderBlock.DOWN_BIAS),
                adapters);
    }
}
