package io.github.psft4j.losses.sft;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.losses.regularizer.ForwardKl;
import io.github.psft4j.losses.regularizer.KlEstimator;
import io.github.psft4j.losses.regularizer.ReverseKl;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import java.util.Set;

/**
 * SFT plus a divergence to a reference model, in every reading that carries this name.
 *
 * <pre>
 * L_t = -log p_y + klWeight D_t
 * FORWARD, REVERSE   D = KL(q || p) or KL(p || q) over the whole vocabulary: anchors the policy
 * K1, K2, K3         D = an estimator from the demonstrated token alone: reweighs the cross-entropy
 * </pre>
 *
 * <p>The baseline "SFT-KL, coefficient 0.5" of the PSFT paper was not published as code. FORWARD is what ASFT's code
 * calls sft+kl (weight 0.1 there). K3 is what the paper's framework does by default (weight 0.001 there). On
 * demonstrations K1 only rescales the learning rate by {@code 1 - klWeight}; see {@link KlEstimator} before using K1 to
 * K3. Unit: nats/token.
 *
 * <p>When to use: as the baseline that PSFT is compared with. Weakness: FORWARD and REVERSE need a second forward pass.
 * The estimators do not hold the policy back where it already leads the reference.
 *
 * @param divergence which reading; default FORWARD
 * @param klWeight weight of the divergence, 0 or above; default 0.5 (PSFT paper)
 */
@Doc("SFT-KL: cross-entropy plus a divergence to the reference, in five readings")
public record SftKlObjective(
        @Doc("which divergence or estimator") Divergence divergence,
        @Doc("weight of the divergence, 0 or above") double klWeight)
        implements TokenObjective {

    /** The readings of the divergence. */
    public enum Divergence {
        /** KL(q || p), whole vocabulary. */
        FORWARD(new ForwardKl()),
        /** KL(p || q), whole vocabulary. */
        REVERSE(new ReverseKl()),
        /** {@code log p_y - log q_y}. */
        K1(new KlEstimator(KlEstimator.Kind.K1)),
        /** {@code (log p_y - log q_y)² / 2}. */
        K2(new KlEstimator(KlEstimator.Kind.K2)),
        /** {@code q_y / p_y - log(q_y / p_y) - 1}. */
        K3(new KlEstimator(KlEstimator.Kind.K3));

        private final transient TokenObjective term;

        Divergence(TokenObjective term) {
            this.term = term;
        }
    }

    /** Forward divergence with weight 0.5. */
    public SftKlObjective() {
        this(Divergence.FORWARD, 0.5);
    }

    /** @throws IllegalArgumentException if the weight is negative or not a number */
    public SftKlObjective {
        ParameterException.check(
                divergence != null, "divergence", "must be one of FORWARD, REVERSE, K1, K2, K3", divergence);
        ParameterException.check(klWeight >= 0, "klWeight", "must be 0 or above", klWeight);
    }

    private TokenObjective sum() {
        return new SftObjective().plus(klWeight, divergence.term);
    }

    @Override
    public Set<Column> columns() {
        return divergence.term.columns();
    }

    @Override
    public RowNeeds needs() {
        return divergence.term.needs();
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        sum().evaluate(tokens, out, from, to);
    }
}
