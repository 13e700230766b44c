package io.github.psft4j.loss;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Proximal supervised fine-tuning: PPO's clipped surrogate with advantage 1 on demonstrated tokens (arXiv 2508.17784,
 * Eq. 6; reference code zwhong714/PSFT at 569b1ba).
 *
 * <pre>
 * d   = clamp(log pi_theta(y) - log pi_old(y), -maxLogRatio, maxLogRatio)        r = exp(d)
 * L_t = -min(r, clip(r, 1 - epsLow, 1 + epsHigh))
 * dL_t/dlogits = r 1[r &lt;= 1 + epsHigh] (softmax - onehot(y))
 * </pre>
 *
 * <p>pi_old is a constant: the label column {@link Column#OLD_LOG_PROB}, taken once per macro-batch. With advantage 1
 * only the upper clip can bind, so epsLow changes neither value nor gradient; it is kept because configurations carry
 * it. The gradient is also 0 where the clamp on d binds. The value is -1 by construction while r = 1: watch the NLL of
 * {@link LossReport}, not the value.
 *
 * @param epsLow lower clip width, in [0, 1], default 0.2
 * @param epsHigh upper clip width, above 0, default 0.28
 * @param maxLogRatio bound on |d|, nats, default 20
 */
@Doc("PSFT: clipped ratio to the snapshot pi_old, advantage 1")
public record PsftObjective(
        @Doc("lower clip width, in [0, 1]; inert for advantage 1")
        double epsLow,

        @Doc("upper clip width, above 0") double epsHigh,

        @Doc("bound on |log pi_theta - log pi_old|, nats, above 0")
        double maxLogRatio)
        implements TokenObjective {

    /** Lower clip width of the paper's recipe. */
    public static final double DEFAULT_EPS_LOW = 0.2;

    /** Upper clip width of the paper's recipe. */
    public static final double DEFAULT_EPS_HIGH = 0.28;

    /** Bound on the log-ratio in the reference code, nats. */
    public static final double DEFAULT_MAX_LOG_RATIO = 20;

    /** @throws IllegalArgumentException if a parameter is outside its range or not a number */
    public PsftObjective {
        ParameterException.check(epsLow >= 0 && epsLow <= 1, "epsLow", "must lie in [0, 1]", epsLow);
        ParameterException.check(epsHigh > 0, "epsHigh", "must be above 0", epsHigh);
        ParameterException.check(maxLogRatio > 0, "maxLogRatio", "must be above 0", maxLogRatio);
    }

    /** The paper's clip range with the given widths and the default bound on the log-ratio. */
    public PsftObjective(double epsLow, double epsHigh) {
        this(epsLow, epsHigh, DEFAULT_MAX_LOG_RATIO);
    }

    /** The paper's defaults: 0.2, 0.28, 20. */
    public PsftObjective() {
        this(DEFAULT_EPS_LOW, DEFAULT_EPS_HIGH, DEFAULT_MAX_LOG_RATIO);
    }

    @Override
    public Set<Column> columns() {
        return EnumSet.of(Column.OLD_LOG_PROB);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            double logRatio = tokens.logRatio(t, maxLogRatio);
            double ratio = Math.exp(logRatio);
            double clipped = Math.max(1 - epsLow, Math.min(1 + epsHigh, ratio));
            boolean active = ratio <= 1 + epsHigh;
            boolean clamped = Math.abs(logRatio) >= maxLogRatio;
            out.set(t, -Math.min(ratio, clipped), active && !clamped ? ratio : 0);
            out.setRatio(t, ratio, !active);
        }
    }
}
