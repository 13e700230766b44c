package io.github.psft4j.loss;

/**
 * What an objective asks of the head, besides the log-prob and entropy that it always gets. The head computes only what
 * is asked for.
 *
 * @param dense {@link TokenBatch#dense()} is filled, and gradients other than {@code c (softmax - onehot)} are possible
 * @param reference the logits of a frozen reference model are there; implies dense
 * @param topK the largest logits of the policy are in {@link TokenBatch#top()}, this many; 0 for none
 * @param referenceTopK the reference's likeliest tokens are in {@link TokenBatch#referenceTop()}, this many; 0 for none
 * @param value {@link TokenBatch#value} is there, which takes a model with a value head
 */
public record RowNeeds(boolean dense, boolean reference, int topK, int referenceTopK, boolean value) {

    /** Nothing: a scalar objective. */
    public static final RowNeeds NONE = new RowNeeds(false, false, 0, 0);

    /** Dense gradient without a reference. */
    public static final RowNeeds DENSE = new RowNeeds(true, false, 0, 0);

    /** Dense gradient with a reference. */
    public static final RowNeeds REFERENCE = new RowNeeds(true, true, 0, 0);

    /** The value of a critic. */
    public static final RowNeeds VALUE = new RowNeeds(false, false, 0, 0, true);

    /** @throws IllegalArgumentException if a size is negative, or a reference is asked for without dense */
    public RowNeeds {
        if (topK < 0 || referenceTopK < 0) {
            throw new IllegalArgumentException(
                    "topK and referenceTopK must be 0 or above, were " + topK + " and " + referenceTopK);
        }
        if (reference && !dense || referenceTopK > 0 && !reference) {
            throw new IllegalArgumentException("reference implies dense, and referenceTopK implies reference");
        }
    }

    /** Without the value of a critic. */
    public RowNeeds(boolean dense, boolean reference, int topK, int referenceTopK) {
        this(dense, reference, topK, referenceTopK, false);
    }

    /** The policy's k largest logits. */
    public static RowNeeds topK(int k) {
        return new RowNeeds(false, false, k, 0);
    }

    /** The reference with its k likeliest tokens. */
    public static RowNeeds referenceTopK(int k) {
        return new RowNeeds(true, true, 0, k);
    }

    /** What two objectives ask for together. */
    public RowNeeds plus(RowNeeds other) {
        return new RowNeeds(
                dense || other.dense,
                reference || other.reference,
                Math.max(topK, other.topK),
                Math.max(referenceTopK, other.referenceTopK),
                value || other.value);
    }
}
