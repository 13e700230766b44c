package io.github.psft4j.losses.preference;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.SumObjective;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Several losses on the same pairs, weighted and added: DPO with SFT on the chosen answer, as in MPO and RPO.
 *
 * <pre>
 * L = sum over terms of weight L(term)        L(nll) = -mean over chosen of log p_y
 * </pre>
 *
 * <p>Terms are the variants of {@link DpoObjective} and {@code nll}. Unit: nats/pair. Metrics are those of
 * {@link DpoObjective}. TRL's {@code loss_type: [sigmoid, sft]} takes the mean of {@code sft} over the tokens of a
 * micro-batch; here every pair weighs the same, whatever the split.
 *
 * <p>When to use: DPO that lets the likelihood of chosen answers fall. Weakness: weights to be found.
 *
 * @param losses terms with their weights, such as {@code sigmoid 1, nll 0.2}; weights are above 0
 * @param beta of every term of DPO, above 0; default 0.1
 * @param labelSmoothing of its conservative and robust terms, in [0, 0.5); default 0
 */
@Doc("DPO with several losses: weighted, with SFT on the chosen answer")
public record DpoMixObjective(
        @Doc("losses with their weights: sigmoid, conservative, robust, ipo, ipo_mean, nll (SFT on the chosen answer)")
        String losses,

        @Doc("strength of the reference, above 0") double beta,

        @Doc("share of pairs taken to be swapped, in [0, 0.5), of conservative and robust")
        double labelSmoothing)
        implements PairObjective {

    private static final String NLL = "nll";

    /** DPO and 0.2 times SFT on the chosen answer. */
    public DpoMixObjective() {
        this("sigmoid 1, nll 0.2", 0.1, 0);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public DpoMixObjective {
        ParameterException.check(losses != null, "losses", "must name losses", null);
        new DpoObjective(beta, labelSmoothing, DpoObjective.Variant.CONSERVATIVE);
        sum(losses, beta, labelSmoothing);
    }

    private static SumObjective sum(String losses, double beta, double labelSmoothing) {
        List<SumObjective.Term> terms = new ArrayList<>();
        for (String text : losses.split(",")) {
            String[] parts = text.strip().split("[ :]+");
            double weight = parts.length == 2 ? number(parts[1]) : Double.NaN;
            ParameterException.check(
                    weight > 0 && Double.isFinite(weight),
                    "losses",
                    "must be losses with a weight above 0 each, such as \"sigmoid 1, nll 0.2\"",
                    losses);
            terms.add(new SumObjective.Term(weight, objective(parts[0], losses, beta, labelSmoothing)));
        }
        terms.sort((a, b) -> Boolean.compare(a.objective() instanceof ChosenNll, b.objective() instanceof ChosenNll));
        return new SumObjective(terms); // a term of DPO comes first, whose rewards are measured
    }

    private static PairObjective objective(String name, String losses, double beta, double labelSmoothing) {
        if (name.equalsIgnoreCase(NLL)) {
            return new ChosenNll();
        }
        DpoObjective.Variant variant = Arrays.stream(DpoObjective.Variant.values())
                .filter(v -> v.name().equalsIgnoreCase(name.replace('-', '_')))
                .findFirst()
                .orElse(null);
        ParameterException.check(
                variant != null,
                "losses",
                "must be of " + NLL + " and "
                        + Arrays.toString(DpoObjective.Variant.values()).toLowerCase(Locale.ROOT),
                losses);
        boolean smoothed = variant == DpoObjective.Variant.CONSERVATIVE || variant == DpoObjective.Variant.ROBUST;
        return new DpoObjective(beta, smoothed ? labelSmoothing : 0, variant);
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    @Override
    public Set<Column> columns() {
        return EnumSet.of(Column.REF_LOG_PROB);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        sum(losses, beta, labelSmoothing).evaluate(tokens, out, from, to);
    }
}
