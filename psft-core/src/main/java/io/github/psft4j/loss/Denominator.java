package io.github.psft4j.loss;

/**
 * Totals over one accumulation window, by which {@link Aggregation} divides.
 *
 * @param tokens trained tokens
 * @param sequences sequences with at least one trained token
 */
public record Denominator(long tokens, long sequences) {

    /** Totals of one mini-batch that is its own window. */
    public static Denominator of(TokenBatch tokens) {
        boolean[] seen = new boolean[tokens.sequences()];
        long sequences = 0;
        for (int t = 0; t < tokens.size(); t++) {
            if (!seen[tokens.sequence(t)]) {
                seen[tokens.sequence(t)] = true;
                sequences++;
            }
        }
        return new Denominator(tokens.size(), sequences);
    }
}
