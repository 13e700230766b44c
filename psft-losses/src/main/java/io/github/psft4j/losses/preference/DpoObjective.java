package io.github.psft4j.losses.preference;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Direct preference optimisation (Rafailov et al., arXiv 2305.18290, eq. 7) and its relatives on the same difference.
 *
 * <pre>
 * D = sum over chosen of (log p_y - log q_y) - the same over rejected        x = beta D
 * SIGMOID       L = -log sigmoid(x)
 * CONSERVATIVE  L = -(1 - s) log sigmoid(x) - s log sigmoid(-x)
 * ROBUST        L = (-(1 - s) log sigmoid(x) + s log sigmoid(-x)) / (1 - 2s)
 * IPO           L = (D - 1 / (2 beta))²
 * IPO_MEAN      as IPO, with means over the tokens of an answer in place of the sums in D
 * dL/dlogits = -dL/dD (p - onehot(y)) for a token of chosen, dL/dD (p - onehot(y)) for one of rejected
 * </pre>
 *
 * <p>log q_y is {@link Column#REF_LOG_PROB}. For SIGMOID a sequence's gradient is thus {@code beta sigmoid(-x)} times
 * its SFT gradient, of opposite sign for rejected. Unit: nats/pair, squared for IPO; sequences 2i and 2i + 1 are chosen
 * and rejected. Rewards in the metrics are {@code beta} times the summed log-ratio, for every variant.
 *
 * <p>Sources: CONSERVATIVE is Mitchell's note on label noise (2023), ROBUST Chowdhury et al. (arXiv 2403.00409, may be
 * negative), IPO Azar et al. (arXiv 2310.12036, eq. 17). TRL's "ipo" is IPO_MEAN here, and its "sigmoid" takes no
 * notice of {@code label_smoothing}. SIGMOID with label smoothing is CONSERVATIVE.
 *
 * <p>When to use: preference pairs. Weakness: long answers win by their length; likelihoods of chosen answers may fall
 * as long as those of rejected ones fall faster.
 *
 * @param beta strength of the reference, above 0; default 0.1
 * @param labelSmoothing share s of pairs that are taken to be swapped, in [0, 0.5); default 0
 * @param variant loss on the difference; default SIGMOID; the two IPO take no label smoothing
 */
@Doc("DPO: logistic or squared loss on the difference of log-ratios of a pair")
public record DpoObjective(
        @Doc("strength of the reference, above 0") double beta,

        @Doc("share of pairs taken to be swapped, in [0, 0.5)")
        double labelSmoothing,

        @Doc("loss on the difference; conservative and robust are for label_smoothing above 0, ipo takes sums as the"
                + " paper does, ipo_mean takes means as TRL does")
        Variant variant)
        implements PairObjective {

    /** Loss on the difference of log-ratios. */
    public enum Variant {
        /** Logistic: DPO. */
        SIGMOID,
        /** Logistic with label smoothing: the expected loss under swapped labels. */
        CONSERVATIVE,
        /** Logistic with label smoothing: an unbiased estimate of the loss without swapped labels. */
        ROBUST,
        /** Squared distance from 1 / (2 beta), log-ratios summed over tokens: IPO of the paper. */
        IPO,
        /** Squared distance from 1 / (2 beta), log-ratios averaged over tokens: IPO of TRL. */
        IPO_MEAN
    }

    /** Beta 0.1 without label smoothing. */
    public DpoObjective() {
        this(0.1, 0, Variant.SIGMOID);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public DpoObjective {
        ParameterException.check(beta > 0, "beta", "must be above 0", beta);
        ParameterException.check(
                labelSmoothing >= 0 && labelSmoothing < 0.5 && (labelSmoothing == 0 || !isSquared(variant)),
                "labelSmoothing",
                "must lie in [0, 0.5), and be 0 for IPO",
                labelSmoothing);
        ParameterException.check(variant != null, "variant", "must be one of the losses", variant);
    }

    private static boolean isSquared(Variant variant) {
        return variant == Variant.IPO || variant == Variant.IPO_MEAN;
    }

    @Override
    public Set<Column> columns() {
        return EnumSet.of(Column.REF_LOG_PROB);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        Pairs pairs = new Pairs(tokens);
        double[] sums = tokens.sequenceSums(tokens::refLogRatio);
        boolean means = variant == Variant.IPO_MEAN;
        double[] ratios = means ? pairs.means(sums) : sums;
        double[] loss = new double[pairs.count()];
        double[] coefficient = new double[tokens.sequences()];
        for (int i = 0; i < pairs.count(); i++) {
            double difference = ratios[2 * i] - ratios[2 * i + 1];
            double slope; // dL/dD
            if (isSquared(variant)) {
                double distance = difference - 1 / (2 * beta);
                loss[i] = distance * distance;
                slope = 2 * distance;
            } else {
                double x = beta * difference;
                double right = (1 - labelSmoothing) / norm();
                double swapped = (variant == Variant.ROBUST ? -labelSmoothing : labelSmoothing) / norm();
                loss[i] = right * Pairs.softplus(-x) + swapped * Pairs.softplus(x);
                slope = -beta * (right * Pairs.sigmoid(-x) - swapped * Pairs.sigmoid(x));
            }
            coefficient[2 * i] = means ? -slope / pairs.length(2 * i) : -slope;
            coefficient[2 * i + 1] = means ? slope / pairs.length(2 * i + 1) : slope;
        }
        pairs.spread(out, loss, coefficient);
        pairs.measure(out, Pairs.scaled(sums, beta));
    }

    private double norm() {
        return variant == Variant.ROBUST ? 1 - 2 * labelSmoothing : 1;
    }
}
