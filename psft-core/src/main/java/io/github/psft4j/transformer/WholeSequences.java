package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.TensorOps;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention within sequences of which all rows are present.
 *
 * @param rotary null with learned positions
 * @param logSumExp {@code [B * H, T]}, written by every block
 */
public record WholeSequences(TensorOps ops, RotaryTable rotary, INDArray logSumExp) implements KeysAndValues {

    @Override
    public void attend(INDArray qkv, AttentionShape shape, INDArray out) {
        if (rotary != null) {
            ops.attention().rotate(qkv, shape, rotary, 0, false);
        }
        ops.attention().forward(qkv, shape, out, logSumExp);
    }
}
