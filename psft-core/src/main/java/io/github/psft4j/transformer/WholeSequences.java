package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.TensorOps;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention within sequences of which all rows are present, and its gradient. Sequences that share tokens get rows of
 * their own for them first, because the kernels know of whole sequences alone. All other operations of a block run once
 * over what is shared.
 */
public final class WholeSequences implements KeysAndValues {

    private final TensorOps ops;
    private final RotaryTable rotary; // null with learned positions
    private final INDArray logSumExp; // as logSumExp() gives it
    private final BlockForward.Allocator scratch;
    private INDArray rows; // fused rows of all sequences; null before they are needed
    private INDArray outRows;

    /**
     * @param rotary null with learned positions
     * @param logSumExp of {@link #logSumExp}, written by every block
     * @param scratch for arrays that live until the end of the pass
     */
    public WholeSequences(TensorOps ops, RotaryTable rotary, INDArray logSumExp, BlockForward.Allocator scratch) {
        this.ops = ops;
        this.rotary = rotary;
        this.logSumExp = logSumExp;
        this.scratch = scratch;
    }

    /** The operations that compute it. */
    public TensorOps ops() {
        return ops;
    }

    /** Null with learned positions. */
    public RotaryTable rotary() {
        return rotary;
    }

    /** The array that the gradient needs beside queries, keys and values, {@code [B * H, T]} without sharing. */
    public static INDArray logSumExp(AttentionShape shape, BlockForward.Allocator arrays) {
        SequenceLayout whole = shape.layout().unshared();
        return arrays.array((long) whole.batch() * shape.heads(), whole.time());
    }

    @Override
    public void attend(INDArray qkv, AttentionShape shape, INDArray out) {
        if (rotary != null) {
            ops.attention().rotate(qkv, shape, rotary, 0, false);
        }
        SequenceLayout layout = shape.layout();
        if (!layout.shares()) {
            ops.attention().forward(qkv, shape, out, logSumExp);
            return;
        }
        AttentionShape whole = shape.within(layout.unshared());
        rows = rows != null ? rows : scratch.array(whole.rows(), whole.qkvWidth());
        outRows = outRows != null ? outRows : scratch.array(whole.rows(), whole.outWidth());
        ops.vectors().gatherRows(qkv, layout.sources(), rows);
        ops.attention().forward(rows, whole, outRows, logSumExp);
        ops.vectors().gatherRows(outRows, layout.targets(), out);
    }

    /**
     * The gradient of {@link #attend}.
     *
     * @param qkv rotated, as attend left it
     * @param dqkv {@code [n, (H + 2 KV) d]}
     */
    void grad(INDArray qkv, AttentionShape shape, INDArray out, INDArray dOut, INDArray dqkv) {
        SequenceLayout layout = shape.layout();
        if (layout.shares()) {
            sharedGrad(qkv, shape.within(layout.unshared()), layout, out, dOut, dqkv);
        } else {
            ops.attention().grad(qkv, shape, out, dOut, logSumExp, dqkv);
        }
        if (rotary != null) {
            ops.attention().rotate(dqkv, shape, rotary, 0, true);
        }
    }

    /** What is shared passes its output on once, and gets the gradients of its keys and values from all. */
    private void sharedGrad(
            INDArray qkv, AttentionShape whole, SequenceLayout layout, INDArray out, INDArray dOut, INDArray dqkv) {
        int[] sources = layout.sources();
        INDArray all = scratch.array(whole.rows(), whole.qkvWidth());
        INDArray allOut = scratch.array(whole.rows(), whole.outWidth());
        INDArray allDOut = scratch.array(whole.rows(), whole.outWidth());
        INDArray allD = scratch.array(whole.rows(), whole.qkvWidth());
        ops.vectors().gatherRows(qkv, sources, all);
        ops.vectors().gatherRows(out, sources, allOut);
        allDOut.assign(0);
        ops.vectors().scatterAddRows(dOut, layout.targets(), allDOut);
        ops.attention().grad(all, whole, allOut, allDOut, logSumExp, allD);
        dqkv.assign(0);
        ops.vectors().scatterAddRows(allD, sources, dqkv);
    }
}
