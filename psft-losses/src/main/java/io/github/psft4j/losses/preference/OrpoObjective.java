package io.github.psft4j.losses.preference;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Odds-ratio preference optimisation: SFT on the chosen answer plus a log-odds term, no reference (Hong et al., arXiv
 * 2403.07691).
 *
 * <pre>
 * l = mean log-prob of a sequence        o = l - log(1 - exp(l))        D = o_chosen - o_rejected
 * L = -l_chosen - beta log sigmoid(D)
 * dL/dl_chosen = -1 - beta sigmoid(-D) / (1 - exp(l))        dL/dl_rejected = beta sigmoid(-D) / (1 - exp(l))
 * dL/dlogits = -dL/dl / length (p - onehot(y))
 * </pre>
 *
 * <p>Length is the number of trained tokens of the token's sequence; {@code log(1 - exp(l))} is computed without
 * cancellation, and l is kept below -1e-12 in it. Unit: nats/pair; sequences 2i and 2i + 1 are chosen and rejected.
 * Rewards in the metrics are {@code beta} times the mean log-prob.
 *
 * <p>When to use: preference pairs without a separate SFT stage. Weakness: the preference term is weak compared with
 * the SFT term at the default.
 *
 * @param beta weight of the odds term, 0 or above; default 0.1
 */
@Doc("ORPO: SFT on the chosen answer plus a log-odds term on the pair")
public record OrpoObjective(
        @Doc("weight of the odds term, 0 or above") double beta) implements PairObjective {

    private static final double LARGEST_MEAN = -1e-12;

    /** Weight 0.1. */
    public OrpoObjective() {
        this(0.1);
    }

    /** @throws IllegalArgumentException if beta is negative or not a number */
    public OrpoObjective {
        ParameterException.check(beta >= 0, "beta", "must be 0 or above", beta);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        Pairs pairs = new Pairs(tokens);
        double[] means = pairs.means(tokens.sequenceSums(tokens::logProb));
        double[] loss = new double[pairs.count()];
        double[] coefficient = new double[tokens.sequences()];
        for (int i = 0; i < pairs.count(); i++) {
            double chosen = means[2 * i];
            double rejected = means[2 * i + 1];
            double difference = logOdds(chosen) - logOdds(rejected);
            double weight = beta * Pairs.sigmoid(-difference);
            loss[i] = -chosen + beta * Pairs.softplus(-difference);
            coefficient[2 * i] = (1 + weight * oddsSlope(chosen)) / pairs.length(2 * i);
            coefficient[2 * i + 1] = -weight * oddsSlope(rejected) / pairs.length(2 * i + 1);
        }
        pairs.spread(out, loss, coefficient);
        pairs.measure(out, Pairs.scaled(means, beta));
    }

    private static double logOdds(double mean) {
        double l = Math.min(LARGEST_MEAN, mean);
        return l - Math.log(-Math.expm1(l));
    }

    /** Derivative of {@link #logOdds}; 0 where it is held constant. */
    private static double oddsSlope(double mean) {
        return mean > LARGEST_MEAN ? 0 : -1 / Math.expm1(mean);
    }
}
