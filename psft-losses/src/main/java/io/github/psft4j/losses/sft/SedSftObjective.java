package io.github.psft4j.losses.sft;

import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import java.util.Arrays;

/**
 * Selective entropy-preserving fine-tuning: where the policy explores, a penalty keeps the token's probability near one
 * half (arXiv 2602.07464; reference code pppa2019/SED-SFT at 6a89ea3).
 *
 * <pre>
 * M   = 1 where the topK likeliest tokens together have probability below tau, else 0
 * L_t = -log p_y + lambda M (p_y - 1/2)²
 * dL_t/dlogits = (1 - lambda M p_y (2 p_y - 1)) (p - onehot(y))
 * </pre>
 *
 * <p>p_y is not detached; M is piecewise constant. For lambda 1 the factor is 1 at p_y = 1/2, 0 at 1 and at most 1.125,
 * at 1/4. Unit: nats/token. tau is the (1 - r)-quantile of the top-k mass over the data before training:
 * {@link #calibrated}. A mass within 1e-5 of tau counts as reached, so that a token that is itself the quantile does
 * not depend on rounding.
 *
 * <p>When to use: before reinforcement learning, to keep branching points open. Weakness: tau belongs to one model and
 * one data set. A third-party version with the mask inverted circulates. Scores after SFT alone are those of SFT.
 *
 * @param lambda weight of the penalty, 0 or above; default 1 (paper)
 * @param topK number of likeliest tokens, positive; default 2 (paper: 2 or 3)
 * @param tau bound on their mass, in [0, 1]; default 0.9, to be calibrated
 */
@Doc("SED-SFT: cross-entropy with a penalty that keeps exploratory tokens near probability 1/2")
public record SedSftObjective(
        @Doc("weight of the penalty, 0 or above") double lambda,
        @Doc("number of likeliest tokens, positive") int topK,
        @Doc("bound on their mass, in [0, 1]; calibrate it") double tau)
        implements TokenObjective {

    /** Share of tokens below tau, which explore and get the penalty: {@code 1 - r} with the paper's r = 0.7. */
    public static final double DEFAULT_EXPLORING_SHARE = 0.3;

    private static final double TIE = 1e-5;

    /** Penalty 1 on the 2 likeliest tokens below mass 0.9. */
    public SedSftObjective() {
        this(1, 2, 0.9);
    }

    /** @throws IllegalArgumentException if a parameter is out of range */
    public SedSftObjective {
        ParameterException.check(lambda >= 0, "lambda", "must be 0 or above", lambda);
        ParameterException.check(topK >= 1, "topK", "must be positive", topK);
        ParameterException.check(tau >= 0 && tau <= 1, "tau", "must lie in [0, 1]", tau);
    }

    /**
     * This objective with tau such that the given share of the measured tokens lies below it. The share is {@code 1 -
     * r} in the paper. Tau is interpolated linearly between the order statistics.
     *
     * @param topMasses mass of the topK likeliest tokens at every trained token, measured before training
     * @param belowShare share of tokens below tau, in [0, 1]; {@link #DEFAULT_EXPLORING_SHARE} in the paper
     */
    public SedSftObjective calibrated(double[] topMasses, double belowShare) {
        if (topMasses.length == 0 || !(belowShare >= 0 && belowShare <= 1)) {
            throw new IllegalArgumentException("calibration needs at least one mass and a share in [0, 1], got "
                    + topMasses.length + " and " + belowShare);
        }
        double[] sorted = topMasses.clone();
        Arrays.sort(sorted);
        double at = belowShare * (sorted.length - 1);
        int below = (int) at;
        double next = sorted[Math.min(below + 1, sorted.length - 1)];
        return new SedSftObjective(lambda, topK, sorted[below] + (at - below) * (next - sorted[below]));
    }

    @Override
    public RowNeeds needs() {
        return RowNeeds.topK(topK);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            double prob = Math.exp(tokens.logProb(t));
            double penalty = tokens.top().mass(t, topK) < tau - TIE ? lambda : 0;
            double distance = prob - 0.5;
            out.set(t, -tokens.logProb(t) + penalty * distance * distance, 1 - penalty * prob * (2 * prob - 1));
        }
    }
}
