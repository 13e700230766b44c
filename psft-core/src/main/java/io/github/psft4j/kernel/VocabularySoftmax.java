package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Softmax over the vocabulary and its gradient, and a few chosen columns of such rows.
 *
 * <p>Logits are {@code [n, V]}. Row i of them is token {@code o + i} of the other arguments, with o = firstRow, so that
 * a caller may take the tokens of a batch in several chunks.
 */
public interface VocabularySoftmax {

    /**
     * Log-prob and entropy of every row, in place: {@code logits[i, v]} becomes {@code exp(logits[i, v] - max_i)}.
     *
     * <p>{@code out.logProb[o + i] = z_y - max - log S} and {@code out.entropy[o + i] = log S - sum(e (z - max)) / S},
     * in nats, with {@code S = sum(e)} kept in {@code out.expSum[o + i]}, o = firstRow; the target y is
     * {@code targets[o + i]}. A logit of minus infinity is a token of probability 0; NaN or plus infinity makes the
     * row's log-prob NaN, never an exception. For FLOAT logits the log-prob is rounded to float, so that one stored in
     * a FLOAT label and read back gives a ratio of exactly 1.
     */
    void forward(INDArray logits, int[] targets, int firstRow, TokenStatistics out);

    /**
     * Turns the rows left by {@link #forward} into {@code scale[o + i] * (softmax - onehot(target))}, in place; a row
     * of scale 0 becomes exactly 0.
     */
    void grad(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale);

    /**
     * Statistics of every row as in {@link #forward}, to the last bit, and those of {@link DenseStatistics}; no
     * argument changes but {@code out}.
     *
     * @param reference logits {@code [n, V]} of a frozen reference for the same rows, or null
     * @param out of {@link TokenStatistics#dense}
     */
    void denseForward(INDArray logits, INDArray reference, int[] targets, int firstRow, TokenStatistics out);

    /**
     * Replaces the logits that {@link #denseForward} has read by the gradient of {@link RowGradient}, in place; a row
     * whose scalars are all 0 becomes exactly 0. Without a reference its terms are ignored.
     */
    void denseGrad(
            INDArray logits,
            INDArray reference,
            int[] targets,
            int firstRow,
            TokenStatistics statistics,
            RowGradient gradient);

    /**
     * The k largest values of every row of x {@code [n, V]}, largest first, and their columns: {@code values[(o + i) k
     * + j]} and {@code ids[(o + i) k + j]}, o = firstRow, k at most V.
     */
    void topK(INDArray x, int k, int firstRow, int[] ids, double[] values);

    /** {@code values[(o + i) k + j] = x[i, ids[(o + i) k + j]]}, x {@code [n, V]}, o = firstRow. */
    void gatherColumns(INDArray x, int k, int firstRow, int[] ids, double[] values);

    /**
     * {@code x[i, ids[(o + i) k + j]] += values[(o + i) k + j]}, x {@code [n, V]}, o = firstRow, the ids of a row
     * differing.
     */
    void addColumns(double[] values, int k, int firstRow, int[] ids, INDArray x);
}
