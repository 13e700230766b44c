package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Rotary positions and causal attention of training and scoring, on fused query-key-value rows. */
public interface Attention {

    /**
     * Rotates queries and keys of qkv {@code [n, (H + 2 KV) * d]} in place by their position (RoPE, arXiv 2104.09864).
     * It is the half-split form of Llama: the pair of channel i is i + d/2. Row {@code b*T + t} has position
     * {@code firstPosition + t}. {@code inverse} rotates back, which is the backward pass.
     */
    void rotate(INDArray qkv, AttentionShape shape, RotaryTable table, int firstPosition, boolean inverse);

    /**
     * Causal grouped-query attention: {@code out = softmax(scale q kᵀ) v} per head. Query head h reads key/value head
     * {@code h / (H / KV)}; a query at position t sees {@code shape.firstVisible(t)} to t.
     *
     * @param qkv queries, keys and values, {@code [n, (H + 2 KV) * d]}
     * @param out {@code [n, H * d]}
     * @param logSumExp receives the log of the softmax denominators, all that the backward pass keeps, {@code [B * H,
     *     T]}
     */
    void forward(INDArray qkv, AttentionShape shape, INDArray out, INDArray logSumExp);

    /** Gradient of {@link #forward} into dqkv {@code [n, (H + 2 KV) * d]}; probabilities are recomputed. */
    void grad(INDArray qkv, AttentionShape shape, INDArray out, INDArray dOut, INDArray logSumExp, INDArray dqkv);
}
