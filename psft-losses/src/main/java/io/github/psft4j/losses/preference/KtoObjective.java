package io.github.psft4j.losses.preference;

import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Kahneman-Tversky optimisation: single answers that are known to be good or bad (Ethayarajh et al., arXiv 2402.01306).
 *
 * <pre>
 * R = sum over an answer of (log p_y - log q_y)
 * z = max(0, mean over the mini-batch of R of another row's answer to the same prompt), held constant
 * good  L = desirable (1 - sigmoid(beta (R - z)))        bad  L = undesirable (1 - sigmoid(beta (z - R)))
 * dL/dlogits = +-weight beta s (1 - s) (p - onehot(y)), plus for a good answer, s the sigmoid above
 * </pre>
 *
 * <p>log q_y is {@link Column#REF_LOG_PROB}. The sign of {@link Column#ADVANTAGE} at sequence 2i says good (plus) or
 * bad. Sequence 2i + 1 is the prompt of 2i with the answer of another row, which has a part in z and no gradient. z is
 * that of the mini-batch, so a micro-batch must be a mini-batch. Per answer, without unit, in [0, weight].
 *
 * <p>When to use: thumbs up and down in place of pairs. Weakness: the estimate of z is noisy in small batches, and
 * answers far from z get no gradient.
 *
 * @param beta strength of the reference, above 0; default 0.1
 * @param desirableWeight factor on good answers, 0 or above; default 1
 * @param undesirableWeight factor on bad answers, 0 or above; default 1
 */
@Doc("KTO: single answers known to be good or bad, against the drift of the batch")
public record KtoObjective(
        @Doc("strength of the reference, above 0") double beta,
        @Doc("factor on good answers, 0 or above") double desirableWeight,
        @Doc("factor on bad answers, 0 or above") double undesirableWeight)
        implements TokenObjective {

    /** Beta 0.1, good and bad answers alike. */
    public KtoObjective() {
        this(0.1, 1, 1);
    }

    /** @throws IllegalArgumentException naming the parameters that are out of range */
    public KtoObjective {
        ParameterException.check(beta > 0, "beta", "must be above 0", beta);
        ParameterException.check(desirableWeight >= 0, "desirableWeight", "must be 0 or above", desirableWeight);
        ParameterException.check(undesirableWeight >= 0, "undesirableWeight", "must be 0 or above", undesirableWeight);
    }

    @Override
    public Set<Column> columns() {
        return EnumSet.of(Column.REF_LOG_PROB, Column.ADVANTAGE);
    }

    @Override
    public Scope scope() {
        return Scope.BATCH;
    }

    @Override
    public int neighbours() {
        return 2;
    }

    @Override
    public Aggregation aggregation() {
        return Aggregation.PAIR_MEAN;
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        Pairs pairs = new Pairs(tokens);
        double[] ratios = tokens.sequenceSums(tokens::refLogRatio);
        double[] labels = tokens.sequenceSums(t -> tokens.column(Column.ADVANTAGE, t));
        double drift = 0;
        for (int i = 0; i < pairs.count(); i++) {
            drift += ratios[2 * i + 1] / pairs.count();
        }
        drift = Math.max(0, drift);
        double[] loss = new double[pairs.count()];
        double[] coefficient = new double[tokens.sequences()];
        for (int i = 0; i < pairs.count(); i++) {
            boolean good = labels[2 * i] > 0;
            double sign = good ? 1 : -1;
            double weight = good ? desirableWeight : undesirableWeight;
            double s = Pairs.sigmoid(sign * beta * (ratios[2 * i] - drift));
            loss[i] = weight * (1 - s);
            coefficient[2 * i] = sign * weight * beta * s * (1 - s);
        }
        pairs.spread(out, loss, coefficient);
        measure(tokens, out, ratios, labels);
        out.measure("kl", drift * pairs.count(), pairs.count());
    }

    private void measure(TokenBatch tokens, TokenTerms out, double[] ratios, double[] labels) {
        double[] logProbs = tokens.sequenceSums(tokens::logProb);
        for (int s = 0; s < ratios.length; s += 2) {
            boolean good = labels[s] > 0;
            out.measure("rewards_chosen", good ? beta * ratios[s] : 0, good ? 1 : 0);
            out.measure("rewards_rejected", good ? 0 : beta * ratios[s], good ? 0 : 1);
            out.measure("logps_chosen", good ? logProbs[s] : 0, good ? 1 : 0);
            out.measure("logps_rejected", good ? 0 : logProbs[s], good ? 0 : 1);
        }
    }
}
