package io.github.psft4j.losses.preference;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Direct preference optimisation on sequence sums (Rafailov et al., arXiv 2305.18290; label smoothing: conservative
 * DPO; IPO: Azar et al., arXiv 2310.12036).
 *
 * <pre>
 * D = sum over chosen of (log p_y - log q_y) - the same over rejected
 * SIGMOID  L = -(1 - s) log sigmoid(beta D) - s log sigmoid(-beta D)
 *          dL/dD = -beta ((1 - s) sigmoid(-beta D) - s sigmoid(beta D))
 * IPO      L = (D - 1 / (2 beta))²        dL/dD = 2 (D - 1 / (2 beta))
 * dL/dlogits = -dL/dD (p - onehot(y)) for a token of chosen, dL/dD (p - onehot(y)) for one of rejected
 * </pre>
 *
 * <p>log q_y is {@link Column#REF_LOG_PROB}. A sequence's gradient is thus {@code beta sigmoid(-beta D)} times its SFT
 * gradient, of opposite sign for rejected. Unit: nats/pair; sequences 2i and 2i + 1 are chosen and rejected.
 *
 * <p>When to use: preference pairs. Weakness: long answers win by their length; likelihoods of chosen answers may fall
 * as long as those of rejected ones fall faster.
 *
 * @param beta strength of the reference, above 0; default 0.1
 * @param labelSmoothing share s of pairs that are taken to be swapped, in [0, 0.5); default 0
 * @param variant SIGMOID or IPO; default SIGMOID; IPO takes no label smoothing
 */
@Doc("DPO: logistic or squared loss on the difference of log-ratios of a pair")
public record DpoObjective(
        @Doc("strength of the reference, above 0") double beta,

        @Doc("share of pairs taken to be swapped, in [0, 0.5)")
        double labelSmoothing,

        @Doc("loss on the difference") Variant variant)
        implements PairObjective {

    /** Loss on the difference of log-ratios. */
    public enum Variant {
        /** Logistic: DPO. */
        SIGMOID,
        /** Squared distance from 1 / (2 beta): IPO. */
        IPO
    }

    /** Beta 0.1 without label smoothing. */
    public DpoObjective() {
        this(0.1, 0, Variant.SIGMOID);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public DpoObjective {
        ParameterException.check(beta > 0, "beta", "must be above 0", beta);
        ParameterException.check(
                labelSmoothing >= 0 && labelSmoothing < 0.5 && (labelSmoothing == 0 || variant != Variant.IPO),
                "labelSmoothing",
                "must lie in [0, 0.5), and be 0 for IPO",
                labelSmoothing);
        ParameterException.check(variant != null, "variant", "must be SIGMOID or IPO", variant);
    }

    @Override
    public Set<Column> columns() {
        return EnumSet.of(Column.REF_LOG_PROB);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        Pairs pairs = new Pairs(tokens);
        double[] ratios = tokens.sequenceSums(tokens::refLogRatio);
        double[] loss = new double[pairs.count()];
        double[] coefficient = new double[tokens.sequences()];
        for (int i = 0; i < pairs.count(); i++) {
            double difference = ratios[2 * i] - ratios[2 * i + 1];
            double slope; // dL/dD
            if (variant == Variant.IPO) {
                double distance = difference - 1 / (2 * beta);
                loss[i] = distance * distance;
                slope = 2 * distance;
            } else {
                double x = beta * difference;
                loss[i] = (1 - labelSmoothing) * Pairs.softplus(-x) + labelSmoothing * Pairs.softplus(x);
                slope = -beta * ((1 - labelSmoothing) * Pairs.sigmoid(-x) - labelSmoothing * Pairs.sigmoid(x));
            }
            coefficient[2 * i] = -slope;
            coefficient[2 * i + 1] = slope;
        }
        pairs.spread(out, loss, coefficient);
    }
}
