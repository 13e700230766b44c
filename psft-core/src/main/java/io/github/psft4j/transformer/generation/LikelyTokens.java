package io.github.psft4j.transformer.generation;

import io.github.psft4j.kernel.TokenStatistics;

/**
 * The likeliest tokens at one position.
 *
 * @param ids token ids, the likeliest first
 * @param logProbs their log-probs under the model, nats; that of a token that was chosen has the bits of its own
 *     log-prob
 */
public record LikelyTokens(int[] ids, float[] logProbs) {

    /**
     * The k largest logits of n rows.
     *
     * @param k for every row
     * @param ids {@code [n k]}
     * @param logits {@code [n k]}
     * @param statistics of the same rows
     */
    record Rows(int k, int[] ids, double[] logits, TokenStatistics statistics) {

        Rows(int n, int k, TokenStatistics statistics) {
            this(k, new int[n * k], new double[n * k], statistics);
        }

        /** The first of a row. The statistics must be filled, with the chosen token as the target. */
        LikelyTokens at(int row, int count, int chosen) {
            int n = Math.min(count, k);
            int[] first = new int[n];
            float[] logProbs = new float[n];
            double logSumExp = statistics.logSumExp(row);
            for (int j = 0; j < n; j++) {
                first[j] = ids[row * k + j];
                double logProb = logits[row * k + j] - logSumExp;
                logProbs[j] = (float) (first[j] == chosen ? statistics.logProb()[row] : logProb);
            }
            return new LikelyTokens(first, logProbs);
        }
    }
}
