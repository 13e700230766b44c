package io.github.psft4j.losses.preference;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Simple preference optimisation: mean log-probs with a margin, no reference (Meng et al., arXiv 2405.14734).
 *
 * <pre>
 * D = mean over chosen of log p_y - mean over rejected of log p_y
 * L = -log sigmoid(beta D - gamma)
 * dL/dlogits = +-beta sigmoid(gamma - beta D) / length (p - onehot(y)), plus for chosen
 * </pre>
 *
 * <p>Length is the number of trained tokens of the token's sequence. Unit: nats/pair; sequences 2i and 2i + 1 are
 * chosen and rejected. Rewards in the metrics are {@code beta} times the mean log-prob.
 *
 * <p>When to use: preference pairs without a reference model. Weakness: nothing holds the policy back; it needs careful
 * learning rates.
 *
 * @param beta scale of the difference, above 0; default 2 (paper: 2.0 to 2.5; LLaMA-Factory: 0.1)
 * @param gamma margin, nats, 0 or above; default 0.5
 */
@Doc("SimPO: logistic loss on the difference of mean log-probs with a margin")
public record SimpoObjective(
        @Doc("scale of the difference, above 0") double beta,
        @Doc("margin, nats, 0 or above") double gamma) implements PairObjective {

    /** Scale 2, margin 0.5. */
    public SimpoObjective() {
        this(2, 0.5);
    }

    /** @throws IllegalArgumentException naming the parameters that are out of range */
    public SimpoObjective {
        ParameterException.check(beta > 0, "beta", "must be above 0", beta);
        ParameterException.check(gamma >= 0, "gamma", "must be 0 or above", gamma);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        Pairs pairs = new Pairs(tokens);
        double[] means = pairs.means(tokens.sequenceSums(tokens::logProb));
        double[] loss = new double[pairs.count()];
        double[] coefficient = new double[tokens.sequences()];
        for (int i = 0; i < pairs.count(); i++) {
            double x = beta * (means[2 * i] - means[2 * i + 1]) - gamma;
            double weight = beta * Pairs.sigmoid(-x);
            loss[i] = Pairs.softplus(-x);
            coefficient[2 * i] = weight / pairs.length(2 * i);
            coefficient[2 * i + 1] = -weight / pairs.length(2 * i + 1);
        }
        pairs.spread(out, loss, coefficient);
        pairs.measure(out, Pairs.scaled(means, beta));
    }
}
