package io.github.psft4j.losses.regularizer;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.KlForm;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Estimators of KL(policy || reference) from the demonstrated token alone, to be added to another objective.
 *
 * <pre>
 * d = log p_y - log q_y                                dL_t/dlogits = c (p - onehot(y))
 * K1: L_t = d                                          c = -1
 * K2: L_t = d² / 2                                     c = -d
 * K3: L_t = exp(-d) + d - 1                            c = exp(-d) - 1
 * </pre>
 *
 * <p>log q_y is {@link Column#REF_LOG_PROB}, the token's log-prob under a frozen reference. Unit: nats/token. -d is
 * bounded by maxLogRatio: beyond it value and gradient are those of a constant.
 *
 * <p><b>On demonstrations these are not divergences.</b> They estimate KL for tokens that were sampled from the policy.
 * Added to SFT with weight w on demonstrated tokens, each multiplies the SFT gradient by a factor. K1's factor is 1 - w
 * and anchors nothing. K3's is {@code 1 - w + w q_y / p_y}, at least 1 - w, and cannot stop tokens whose p_y already
 * exceeds q_y. K2's is {@code 1 - w d}, which turns negative once d exceeds 1 / w. For an anchor use {@link ForwardKl}
 * or {@link ReverseKl}.
 *
 * <p>Logs show its mean under the name of the estimator. So {@code grpo.plus(0, new KlEstimator())} watches the KL
 * without minimising it.
 *
 * @param kind which estimator; default K3 (verl's low_var_kl)
 * @param maxLogRatio bound on |d|, nats, above 0; default 20 (verl; its further clamp of the value at 10 is not here)
 */
@Doc("k1, k2 or k3 estimator of the KL to the reference, from the demonstrated token alone")
public record KlEstimator(
        @Doc("which estimator") Kind kind,
        @Doc("bound on the log-ratio, nats, above 0") double maxLogRatio) implements TokenObjective {

    /** Schulman's three estimators. */
    public enum Kind {
        /** The log-ratio itself. */
        K1,
        /** Half its square. */
        K2,
        /** The ratio's distance from its logarithm. */
        K3
    }

    /** K3. */
    public KlEstimator() {
        this(Kind.K3);
    }

    /** The given estimator with log-ratios up to 20 nats. */
    public KlEstimator(Kind kind) {
        this(kind, 20);
    }

    /** @throws IllegalArgumentException if the bound is not above 0 */
    public KlEstimator {
        ParameterException.check(kind != null, "kind", "must be K1, K2 or K3", kind);
        ParameterException.check(maxLogRatio > 0, "maxLogRatio", "must be above 0", maxLogRatio);
    }

    @Override
    public Set<Column> columns() {
        return EnumSet.of(Column.REF_LOG_PROB);
    }

    /** Measures the mean under the name of the estimator, such as {@code kl_k3}, whatever its weight. */
    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        KlForm form = KlForm.valueOf(kind.name());
        double sum = 0;
        for (int t = from; t < to; t++) {
            double full = tokens.refLogRatio(t);
            double d = Math.max(-maxLogRatio, Math.min(maxLogRatio, full));
            double value = form.value(d, 1);
            out.set(t, value, d == full ? -form.slope(d, 1) : 0);
            sum += value;
        }
        out.measure(form.label(), sum, to - from);
    }
}
