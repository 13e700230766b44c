package io.github.psft4j.kernel;

/**
 * Shape of a batch of causal attention: {@code batch} sequences of {@code time} tokens, {@code heads} query heads that
 * share {@code kvHeads} key/value heads, each {@code headDim} wide.
 */
public record AttentionShape(int batch, int time, int heads, int kvHeads, int headDim) {

    public AttentionShape {
        if (heads < 1 || kvHeads < 1 || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    "heads (" + heads + ") must be a positive multiple of kvHeads (" + kvHeads + ")");
        }
        if (headDim < 2 || headDim % 2 != 0) {
            throw new IllegalArgumentException("headDim must be even and positive for RoPE, was " + headDim);
        }
    }

    /** Token rows, {@code B*T}. */
    public int rows() {
        return batch * time;
    }

    /** Query heads that read one key/value head. */
    public int group() {
        return heads / kvHeads;
    }

    /** Width of a fused query-key-value row, {@code (H + 2 KV) * d}. */
    public int qkvWidth() {
        return (heads + 2 * kvHeads) * headDim;
    }

    /** Width of the attention output, {@code H * d}. */
    public int outWidth() {
        return heads * headDim;
    }

    /** Column of the first channel of query head h in a fused row. */
    public int queryColumn(int h) {
        return h * headDim;
    }

    /** Column of the first channel of key head g in a fused row. */
    public int keyColumn(int g) {
        return (heads + g) * headDim;
    }

    /** Column of the first channel of value head g in a fused row. */
    public int valueColumn(int g) {
        return (heads + kvHeads + g) * headDim;
    }

    /** Factor on the scores, {@code 1/sqrt(d)}. */
    public double scale() {
        return 1 / Math.sqrt(headDim);
    }
}
