package io.github.psft4j.losses.preference;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;

/**
 * SFT on the chosen answers alone, {@code -mean over its tokens of log p_y} per pair: the second term of ORPO and RPO.
 */
record ChosenNll() implements PairObjective {

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        Pairs pairs = new Pairs(tokens);
        double[] means = pairs.means(tokens.sequenceSums(tokens::logProb));
        double[] loss = new double[pairs.count()];
        double[] coefficient = new double[tokens.sequences()];
        for (int i = 0; i < pairs.count(); i++) {
            loss[i] = -means[2 * i];
            coefficient[2 * i] = 1 / pairs.length(2 * i);
        }
        pairs.spread(out, loss, coefficient);
    }
}
