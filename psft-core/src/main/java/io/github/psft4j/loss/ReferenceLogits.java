package io.github.psft4j.loss;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Logits of a frozen reference model for rows of the mini-batch that is being trained. The loss asks for them chunk by
 * chunk, so that they never exist for all rows at once.
 */
@FunctionalInterface
public interface ReferenceLogits {

    /**
     * Logits of the given rows of the mini-batch.
     *
     * @param rows row numbers, {@code b*T + t}
     * @return {@code [rows.length, V]} of the policy's data type, 'c' order; valid until the next call
     */
    INDArray rows(int[] rows);
}
