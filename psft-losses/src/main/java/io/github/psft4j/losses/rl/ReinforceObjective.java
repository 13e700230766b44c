package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import java.util.EnumSet;
import java.util.Set;

/**
 * REINFORCE: the log-prob times the advantage (Williams, 1992).
 *
 * <pre>
 * L_t = -A log p_y                dL_t/dlogits = A (p - onehot(y))
 * </pre>
 *
 * <p>A is {@link Column#ADVANTAGE}, of any sign. Unit: nats/token. With A = 1 this is SFT.
 *
 * <p>When to use: strictly on-policy rollouts, one step per batch. Weakness: no importance correction, no bound on a
 * step; a negative advantage drives a probability to 0 without end.
 */
@Doc("REINFORCE: log-prob times advantage")
public record ReinforceObjective() implements TokenObjective {

    @Override
    public Set<Column> columns() {
        return EnumSet.of(Column.ADVANTAGE);
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        for (int t = from; t < to; t++) {
            double advantage = tokens.column(Column.ADVANTAGE, t);
            out.set(t, -advantage * tokens.logProb(t), advantage);
        }
    }
}
