package io.github.psft4j.transformer;

import io.github.psft4j.kernel.HeadGains;
import io.github.psft4j.kernel.WeightAndBias;
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
 */
public record BlockWeights(
        WeightAndBias norm1,
        WeightAndBias qkv,
        HeadGains headGains,
        WeightAndBias attentionOut,
        WeightAndBias norm2,
        WeightAndBias gateUp,
        WeightAndBias down) {

    /** From the parameters or gradients of a block by their names. */
    public static BlockWeights of(Map<String, INDArray> table) {
        return new BlockWeights(
                WeightAndBias.of(table, DecoderBlock.ATTENTION_NORM, DecoderBlock.ATTENTION_NORM_BIAS),
                WeightAndBias.of(table, DecoderBlock.QKV, DecoderBlock.QKV_BIAS),
                new HeadGains(table.get(DecoderBlock.QUERY_NORM), table.get(DecoderBlock.KEY_NORM)),
                WeightAndBias.of(table, DecoderBlock.ATTENTION_OUT, DecoderBlock.ATTENTION_OUT_BIAS),
                WeightAndBias.of(table, DecoderBlock.MLP_NORM, DecoderBlock.MLP_NORM_BIAS),
                WeightAndBias.of(table, DecoderBlock.GATE_UP, DecoderBlock.GATE_UP_BIAS),
                WeightAndBias.of(table, DecoderBlock.DOWN, DecoderBlock.DOWN_BIAS));
    }
}
