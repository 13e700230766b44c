package io.github.psft4j.train.slice;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenLoss;
import java.util.Map;

/**
 * What the gradients of the slices of one mini-batch depend on, beside the weights.
 *
 * @param loss of the whole mini-batch: it divides by the totals of all slices
 * @param columns label columns by the number of the sequence
 * @param step number of the optimizer step, for noise
 * @param neftuneAlpha strength of noise on the embeddings, 0 for none
 * @param seed of all noise
 * @param traced whether the tokens as the objective saw them are wanted, too
 */
public record GradientWork(
        TokenLoss loss,
        Map<Column, Map<Integer, double[]>> columns,
        int step,
        double neftuneAlpha,
        long seed,
        boolean traced) {}
