package io.github.psft4j.losses.regularizer;

import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;

/**
 * Minus the entropy of the policy, to be added to another objective: {@code sft.plus(0.01, new EntropyBonus())}.
 *
 * <pre>
 * H   = -sum(p log p)
 * L_t = -H                where H &lt; target, or target = 0; else 0
 * dL_t/dlogits = p (log p + H)
 * </pre>
 *
 * <p>p is {@code [V]}. Unit: nats/token. With a target above 0 the bonus is adaptive: it pushes only where the entropy
 * is below the target.
 *
 * <p>When to use: against collapse of the entropy, where clipping or anchoring is not wanted. Weakness: it raises the
 * probability of every token alike, nonsense included; on demonstrations weights above 0.01 soon cost accuracy.
 *
 * @param target entropy up to which it pushes, nats, 0 for always; default 0
 */
@Doc("minus the policy's entropy, everywhere or only below a target")
public record EntropyBonus(
        @Doc("entropy up to which it pushes, nats; 0: always")
        double target) implements TokenObjective {

    /** Everywhere. */
    public EntropyBonus() {
        this(0);
    }

    /** @throws IllegalArgumentException if the target is negative or not a number */
    public EntropyBonus {
        ParameterException.check(target >= 0, "target", "must be 0 (always) or above", target);
    }

    @Override
    public RowNeeds needs() {
        return RowNeeds.DENSE;
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            double entropy = tokens.entropy(t);
            if (target == 0 || entropy < target) {
                out.set(t, -entropy, 0);
                out.addSoftmax(t, entropy);
                out.addSoftmaxLog(t, 1);
            }
        }
    }
}
