package io.github.psft4j.kernel.cpu.rows;

/**
 * Loops over a {@link ScoreTile}. Maxima and sums per query combine whole rows of the tile, key by key, in the order of
 * the keys. A hidden score is that of a key that the query does not see.
 */
public interface ScoreTiles {

    /**
     * {@code max[i] = max(max[i], scores[j, i])} over the keys j that query i sees. Hidden scores may be overwritten.
     */
    void max(float[] scores, ScoreTile tile, float[] max);

    /** {@code scores[j, i] = e = exp(max(scores[j, i] - max[i], -87))}, 0 where hidden; {@code sum[i] += e}. */
    void exponentials(float[] scores, ScoreTile tile, float[] max, float[] sum);

    /** {@code sum[i] += p[j, i] dp[j, i]}; p is 0 where hidden. */
    void addProducts(float[] p, float[] dp, ScoreTile tile, float[] sum);

    /** {@code dp[j, i] = p[j, i] (dp[j, i] - delta[i]) scale}, 0 where hidden. */
    void scoreGrad(float[] p, float[] dp, ScoreTile tile, float[] delta, float scale);
}
