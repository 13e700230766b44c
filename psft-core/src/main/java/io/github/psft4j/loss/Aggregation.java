package io.github.psft4j.loss;

/**
 * How token losses become one number. The denominators cover the whole accumulation window, so that cutting a
 * mini-batch into micro-batches never changes the result.
 */
public enum Aggregation {
    /**
     * {@code sum(loss) / tokens}: every token weighs the same (default; Hugging Face's num_items_in_batch, verl's
     * token-mean).
     */
    TOKEN_MEAN,
    /** {@code sum over sequences of (sum(loss) / its tokens) / sequences}: every sequence weighs the same. */
    SEQUENCE_MEAN_TOKEN_MEAN,
    /** {@code sum(loss) / sequences}: long sequences weigh more (Dr. GRPO without its constant). */
    SEQUENCE_MEAN_TOKEN_SUM,
    /** {@code sum(loss) / (sequences / 2)}: every pair of sequences weighs the same; for preference objectives. */
    PAIR_MEAN,
    /** {@code sum(loss)}: the denominator is the caller's learning rate. */
    SUM;

    /** Weight of every trained token; no tokens, no weights. */
    double[] weights(TokenBatch tokens, Denominator denominator) {
        double[] weight = new double[tokens.size()];
        int[] perSequence = new int[tokens.sequences()];
        for (int t = 0; t < weight.length; t++) {
            perSequence[tokens.sequence(t)]++;
        }
        for (int t = 0; t < weight.length; t++) {
            weight[t] = switch (this) {
                case TOKEN_MEAN -> 1.0 / denominator.tokens();
                case SEQUENCE_MEAN_TOKEN_MEAN ->
                    1.0 / (denominator.sequences() * (double) perSequence[tokens.sequence(t)]);
                case SEQUENCE_MEAN_TOKEN_SUM -> 1.0 / denominator.sequences();
                case PAIR_MEAN -> 2.0 / denominator.sequences();
                case SUM -> 1.0;
            };
        }
        return weight;
    }

    /** Whether the weight of a token depends on which sequence it belongs to. */
    boolean needsSequences() {
        return this == SEQUENCE_MEAN_TOKEN_MEAN || this == SEQUENCE_MEAN_TOKEN_SUM || this == PAIR_MEAN;
    }
}
