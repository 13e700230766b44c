package io.github.psft4j.kernel;

/**
 * Shape of a batch of causal attention: {@code batch} sequences of {@code time} tokens, {@code heads} query heads that share
 * {@code kvHeads} key/value heads, each {@code headDim} wide.
 *
 * @param window positions that a query sees, its own included; 0 for all earlier ones
 * @param scale factor on the scores, {@code 1/sqrt(d)} as a rule
 */
public record AttentionShape(int batch, int time, int heads, int kvHeads, int headDim, int window, double scale) {

    public AttentionShape {
        if (heads < 1 || kvHeads < 1 || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    "heads (" + heads + ") must be a positive multiple of kvHeads (" + kvHeads + ")");
        }
        if (headDim < 1) {
            throw new IllegalArgumentException("headDim must be positive, was " + headDim);
        }
        if (window < 0) {
            throw new IllegalArgumentException("window must be 0 (none) or positive, was " + window);
        }
        if (!(Double.isFinite(scale) && scale > 0)) {
            throw new IllegalArgumentException("scale must be finite and above 0, was " + scale);
        }
    }

    /** Attention to all earlier positions with scores times {@code 1/sqrt(d)}. */
    public AttentionShape(int batch, int time, int heads, int kvHeads, int headDim) {
        this(batch, time, heads, kvHeads, headDim, 0, 1 / Math.sqrt(Math.max(1, headDim)));
    }

    /** The same attention over another number of tokens per sequence. */
    public AttentionShape withTime(int tokens) {
        return new AttentionShape(batch, tokens, heads, kvHeads, headDim, window, scale);
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

    /** First position that a query at the given position sees. */
    public int firstVisible(int position) {
        return window == 0 ? 0 : Math.max(0, position - window + 1);
    }
}
