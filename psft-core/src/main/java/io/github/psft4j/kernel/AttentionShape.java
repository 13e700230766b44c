package io.github.psft4j.kernel;

/**
 * Shape of a batch of causal attention: {@code batch} rows of {@code time} tokens, as a rule one sequence each.
 * {@code heads} query heads share {@code kvHeads} key/value heads, each {@code headDim} wide.
 *
 * @param window positions that a query sees, its own included; 0 for all earlier ones
 * @param scale factor on the scores, {@code 1/sqrt(d)} as a rule
 * @param layout where the sequences lie in the {@code batch} rows of {@code time} tokens
 */
public record AttentionShape(
        int batch, int time, int heads, int kvHeads, int headDim, int window, double scale, SequenceLayout layout) {

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
        if (layout.batch() != batch || layout.time() != time) {
            throw new IllegalArgumentException(
                    "layout of " + layout.batch() + " x " + layout.time() + " tokens for " + batch + " x " + time);
        }
    }

    /** The same attention over rows that are one sequence each. */
    public AttentionShape(int batch, int time, int heads, int kvHeads, int headDim, int window, double scale) {
        this(batch, time, heads, kvHeads, headDim, window, scale, SequenceLayout.whole(batch, time));
    }

    /** Attention to all earlier positions with scores times {@code 1/sqrt(d)}. */
    public AttentionShape(int batch, int time, int heads, int kvHeads, int headDim) {
        this(batch, time, heads, kvHeads, headDim, 0, 1 / Math.sqrt(Math.max(1, headDim)));
    }

    /** The same attention over another number of tokens per sequence. */
    public AttentionShape withTime(int tokens) {
        return new AttentionShape(batch, tokens, heads, kvHeads, headDim, window, scale);
    }

    /** Attention of the same kind over other rows. */
    public AttentionShape within(SequenceLayout layout) {
        return new AttentionShape(layout.batch(), layout.time(), heads, kvHeads, headDim, window, scale, layout);
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

    /** Place of head h of a token row in the log-sum-exp array {@code [B * H, T]}. */
    public long logSumExpAt(long row, int h) {
        return (row / time * heads + h) * time + row % time;
    }
}
