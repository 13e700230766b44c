package io.github.psft4j.kernel;

import io.github.psft4j.kernel.cpu.CpuForm;
import io.github.psft4j.kernel.nd4j.Nd4jForm;
import io.github.psft4j.kernel.nd4j.split.SplitForm;
import java.util.IdentityHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The tensor operations that a decoder and its training step are made of, forward and backward, behind one interface.
 *
 * <p>Two forms exist and give the same results (1e-5 relative in FLOAT): {@link CpuForm}, float on the CPU by strided
 * single-threaded BLAS and short Java loops on a {@link WorkerPool}; and {@link Nd4jForm}, ND4J operations only, any
 * floating-point type on any backend, which {@link SplitForm} deals to a pool on the CPU. {@code TensorOpsFactory} chooses one per
 * data type and says which in the log.
 *
 * <p>All arrays are dense and row-major ('c'), whole or a contiguous view. {@code n} is the number of token rows, {@code
 * B*T}, sequence-major: row {@code b*T + t}. Linear weights are {@code [out, in]}, as Hugging Face stores them. An output
 * never overlaps an input unless the method says "in place".
 */
public interface TensorOps {

    /** Name for the log and the run's manifest, such as {@code cpu-float} or {@code portable}. */
    String name();

    /** What the operands of linear layers are rounded to. */
    default Precision precision() {
        return Precision.F32;
    }

    // ---- products

    /**
     * Opens a stretch of work, such as the passes of one optimizer step or a generation, during which the caller changes no
     * linear weight, so that a copy of it in another precision is made once. Without one it is made at every use. Close it
     * before the weights change; scopes may be nested.
     */
    default WeightScope holdWeights() {
        return () -> {};
    }

    /** {@code y = x wᵀ + beta y}, with x {@code [n, in]}, w {@code [out, in]}, y {@code [n, out]}. */
    void linear(INDArray x, INDArray w, INDArray y, double beta);

    /** {@code dx = dy w + beta dx}: gradient of {@link #linear} with respect to its input. */
    void linearGradInput(INDArray dy, INDArray w, INDArray dx, double beta);

    /** {@code dw = dyᵀ x + beta dw}: gradient of {@link #linear} with respect to its weight. */
    void linearGradWeight(INDArray dy, INDArray x, INDArray dw, double beta);

    /**
     * Both gradients of {@link #linear}, {@code dx = dy w + betaX dx} and {@code dw = dyᵀ x + betaW dw}, bit for bit what the two
     * methods give; a form that converts dy does so once.
     */
    default void linearGrad(INDArray dy, INDArray x, INDArray w, INDArray dx, double betaX, INDArray dw, double betaW) {
        linearGradInput(dy, w, dx, betaX);
        linearGradWeight(dy, x, dw, betaW);
    }

    // ---- rows

    /** {@code out[i] = table[ids[i]]}, with table {@code [V, D]}, out {@code [n, D]}. */
    void gatherRows(INDArray table, int[] ids, INDArray out);

    /** {@code dTable[ids[i]] += dy[i]} in row order, with dy {@code [n, D]}, dTable {@code [V, D]}. */
    void scatterAddRows(INDArray dy, int[] ids, INDArray dTable);

    /**
     * {@code y = x * gain / sqrt(mean(x²) + eps)} per row, with x, y {@code [n, D]}, gain {@code [D]}; keeps {@code
     * 1/sqrt(mean(x²) + eps)} in inverseRms {@code [n]} for the backward pass (Zhang and Sennrich, arXiv 1910.07467).
     */
    void rmsNorm(INDArray x, INDArray gain, double eps, INDArray y, INDArray inverseRms);

    /** {@code dx = grad + beta dx} and {@code dGain = grad} of {@link #rmsNorm}; dy, x, dx {@code [n, D]}, dGain {@code [D]}. */
    void rmsNormGrad(
            INDArray dy, INDArray x, INDArray gain, INDArray inverseRms, INDArray dx, double beta, INDArray dGain);

    /**
     * {@code y = (x - mean) * gain / sqrt(var + eps) + bias} per row, with x, y {@code [n, D]}, gain, bias {@code [D]} and var the
     * mean squared deviation; keeps {@code 1/sqrt(var + eps)} in inverseStd {@code [n]} (Ba et al., arXiv 1607.06450).
     */
    void layerNorm(INDArray x, INDArray gain, INDArray bias, double eps, INDArray y, INDArray inverseStd);

    /** {@code dx = grad + beta dx}, {@code dGain = grad} and {@code dBias = grad} of {@link #layerNorm}. */
    void layerNormGrad(
            INDArray dy,
            INDArray x,
            INDArray gain,
            INDArray inverseStd,
            INDArray dx,
            double beta,
            INDArray dGain,
            INDArray dBias);

    /**
     * {@link #rmsNorm} of every query and key head of fused rows (Qwen3): x, y {@code [n, (H + 2 KV) d]}, values copied;
     * queryGain, keyGain {@code [d]}; inverseRms {@code [n, H + KV]}.
     */
    void normHeads(
            INDArray x,
            AttentionShape shape,
            INDArray queryGain,
            INDArray keyGain,
            double eps,
            INDArray y,
            INDArray inverseRms);

    /** Gradient of {@link #normHeads}: dqkv is the gradient of y and becomes that of x, in place; dQueryGain, dKeyGain {@code [d]}. */
    void normHeadsGrad(
            INDArray dqkv,
            INDArray x,
            AttentionShape shape,
            INDArray queryGain,
            INDArray keyGain,
            INDArray inverseRms,
            INDArray dQueryGain,
            INDArray dKeyGain);

    /** {@code y[i] += row}: adds a bias {@code [D]} to y {@code [n, D]} in place. */
    void addRow(INDArray row, INDArray y);

    /** {@code sums = sum over i of dy[i]}: gradient of {@link #addRow} with respect to its row, dy {@code [n, D]}, sums {@code [D]}. */
    void sumRows(INDArray dy, INDArray sums);

    // ---- activations

    /** {@code y = a(x)}, for arrays of equal length. */
    void activate(Activation a, INDArray x, INDArray y);

    /** {@code dx = dy a'(x)}. */
    void activateGrad(Activation a, INDArray dy, INDArray x, INDArray dx);

    /** {@code h = a(gate) * up}, with gateUp {@code [n, 2F]} (gate first), h {@code [n, F]} (Shazeer, arXiv 2002.05202). */
    void gated(Activation a, INDArray gateUp, INDArray h);

    /** Gradient of {@link #gated}: dh {@code [n, F]}, gateUp and dGateUp {@code [n, 2F]}. */
    void gatedGrad(Activation a, INDArray dh, INDArray gateUp, INDArray dGateUp);

    // ---- attention

    /**
     * Rotates queries and keys of qkv {@code [n, (H + 2 KV) * d]} in place by their position (RoPE, arXiv 2104.09864, the
     * half-split form of Llama: the pair of channel i is i + d/2). Row {@code b*T + t} has position {@code firstPosition +
     * t}. {@code inverse} rotates back, which is the backward pass.
     */
    void rotate(INDArray qkv, AttentionShape shape, RotaryTable table, int firstPosition, boolean inverse);

    /**
     * Causal grouped-query attention: {@code out = softmax(scale q kᵀ) v} per head, query head h reading key/value head {@code h /
     * (H / KV)}, a query at position t seeing {@code shape.firstVisible(t)} to t. qkv {@code [n, (H + 2 KV) * d]}, out {@code [n, H * d]}; logSumExp {@code [B * H, T]} receives
     * the log of the softmax denominators, all that the backward pass keeps.
     */
    void attention(INDArray qkv, AttentionShape shape, INDArray out, INDArray logSumExp);

    /** Gradient of {@link #attention} into dqkv {@code [n, (H + 2 KV) * d]}; probabilities are recomputed. */
    void attentionGrad(
            INDArray qkv, AttentionShape shape, INDArray out, INDArray dOut, INDArray logSumExp, INDArray dqkv);

    // ---- generation

    /**
     * An empty cache for the attention of one block. Its memory comes from the current workspace or from the Java heap.
     *
     * @param slots sequences that it holds
     * @param shape attention of the block; batch and time do not matter
     * @param like any array of the type of the keys
     * @param longest tokens of the longest sequence
     */
    KeyValueCache keyValueCache(int slots, AttentionShape shape, INDArray like, int longest);

    /** {@link #rotate} of rows {@code [n, (H + 2 KV) * d]} whose positions are given, {@code [n]}. */
    void rotateRows(INDArray qkv, AttentionShape shape, RotaryTable table, int[] positions);

    /** Copies keys and values of whole sequences, positions 0 to T - 1, into the slots {@code [B]} of a cache. */
    void storeKeysValues(INDArray qkv, AttentionShape shape, KeyValueCache cache, int[] slots);

    /**
     * {@link #attention} of one new token per sequence (T is 1): its key and value go into the cache, and its query sees what
     * {@link #attention} would let it see of the positions there.
     *
     * @param slots of the sequences, {@code [B]}
     * @param positions of the new tokens, {@code [B]}
     */
    void attentionNext(
            INDArray qkv, AttentionShape shape, KeyValueCache cache, int[] slots, int[] positions, INDArray out);

    /** Copies n elements of a dense array from element {@code from} on, rounded to float. */
    void read(INDArray x, long from, float[] out, int n);

    /** These operations without threads of their own: several threads may use one such object each, side by side. */
    default TensorOps serial() {
        return this;
    }

    /** What an implementation has prepared per array for work that uses the same arrays again and again. */
    final class Prepared {
        public final Map<INDArray, Object> arrays = new IdentityHashMap<>();
    }

    /** Runs work on this thread and keeps in {@code prepared} what can be kept per array; the arrays must stay alive and in place. */
    default void repeat(Prepared prepared, Runnable work) {
        work.run();
    }

    // ---- softmax of the vocabulary

    /**
     * Log-prob and entropy of every row, in place: {@code logits[i, v]} becomes {@code exp(logits[i, v] - max_i)}.
     *
     * <p>{@code out.logProb[o + i] = z_y - max - log S} and {@code out.entropy[o + i] = log S - sum(e (z - max)) / S}, in
     * nats, with {@code S = sum(e)} kept in {@code out.expSum[o + i]}, o = firstRow; the target y is {@code targets[o + i]}. A logit
     * of minus infinity is a token of probability 0; NaN or plus infinity makes the row's log-prob NaN, never an exception.
     * For FLOAT logits the log-prob is rounded to float, so that one stored in a FLOAT label and read back gives a ratio
     * of exactly 1.
     */
    void softmax(INDArray logits, int[] targets, int firstRow, TokenStatistics out);

    /**
     * Turns the rows left by {@link #softmax} into {@code scale[o + i] * (softmax - onehot(target))}, in place; a row
     * of scale 0 becomes exactly 0.
     */
    void softmaxGrad(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale);

    /**
     * Statistics of every row as in {@link #softmax}, to the last bit, and those of {@link DenseStatistics}; no argument
     * changes but {@code out}.
     *
     * @param reference logits {@code [n, V]} of a frozen reference for the same rows, or null
     * @param out of {@link TokenStatistics#dense}
     */
    void denseSoftmax(INDArray logits, INDArray reference, int[] targets, int firstRow, TokenStatistics out);

    /**
     * Replaces the logits that {@link #denseSoftmax} has read by the gradient of {@link RowGradient}, in place; a row
     * whose scalars are all 0 becomes exactly 0. Without a reference its terms are ignored.
     */
    void denseSoftmaxGrad(
            INDArray logits,
            INDArray reference,
            int[] targets,
            int firstRow,
            TokenStatistics statistics,
            RowGradient gradient);

    /**
     * The k largest values of every row of x {@code [n, V]}, largest first, and their columns: {@code values[(o + i) k +
     * j]} and {@code ids[(o + i) k + j]}, o = firstRow, k at most V.
     */
    void topK(INDArray x, int k, int firstRow, int[] ids, double[] values);

    /** {@code values[(o + i) k + j] = x[i, ids[(o + i) k + j]]}, x {@code [n, V]}, o = firstRow. */
    void gatherColumns(INDArray x, int k, int firstRow, int[] ids, double[] values);

    /** {@code x[i, ids[(o + i) k + j]] += values[(o + i) k + j]}, x {@code [n, V]}, o = firstRow, the ids of a row differing. */
    void addColumns(double[] values, int k, int firstRow, int[] ids, INDArray x);

    // ---- whole vectors

    /** {@code y = x}, for arrays of equal length. */
    default void copy(INDArray x, INDArray y) {
        y.reshape(y.length()).assign(x.reshape(x.length()));
    }

    /** {@code y += x}. */
    void add(INDArray x, INDArray y);

    /** Sum of squares of all elements, accumulated in double. */
    double sumOfSquares(INDArray x);

    /** One AdamW step in place on weights, first and second moment, all of the gradient's length (see {@link AdamWStep}). */
    void adamW(INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step);
}
