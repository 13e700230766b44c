package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.settings.Doc;

/**
 * RLOO: the clipped surrogate with one ratio per sequence, the product of its tokens' ratios (Ahmadian et al., arXiv
 * 2402.14740; the clip as in TRL's RLOOTrainer).
 *
 * <pre>
 * s   = exp(clamp(sum over the sequence of (log p_y - log p_old), -20, 20))
 * L   = mean over sequences of max(-A s, -A clip(s, 1 - epsLow, 1 + epsHigh))
 * dL_t/dlogits = A s [active] (p - onehot(y))
 * </pre>
 *
 * <p>log p_old is {@link Column#OLD_LOG_PROB}; A is {@link Column#ADVANTAGE}, one value per sequence: its reward minus
 * the mean of the others of its prompt. The KL to a reference belongs to the reward. Nothing divides by the length.
 * Each token carries an equal part of its sequence's loss. No unit.
 *
 * <p>When to use: few samples per prompt and rewards of whole answers. Weakness: the product of many ratios leaves the
 * clip range soon, so it wants few steps per batch; its gradient grows with the length.
 *
 * @param epsLow lower clip width, in [0, 1]; default 0.2
 * @param epsHigh upper clip width, above 0; default 0.2
 */
@Doc("RLOO: PPO clip with one ratio per sequence, the product of its tokens' ratios")
public record RlooObjective(
        @Doc("lower clip width, in [0, 1]") double epsLow,
        @Doc("upper clip width, above 0") double epsHigh) implements ClippedObjective {

    /** Clip 0.2 on both sides. */
    public RlooObjective() {
        this(0.2, 0.2);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public RlooObjective {
        new RatioClip(epsLow, epsHigh);
    }

    @Override
    public Scope scope() {
        return Scope.SEQUENCE;
    }

    @Override
    public Aggregation aggregation() {
        return Aggregation.SEQUENCE_MEAN_TOKEN_SUM;
    }

    /** Shares of what was clipped are of sequences, not of tokens. */
    @Override
    public Surrogate surrogate(TokenBatch tokens) {
        SequenceRatios sequences = new SequenceRatios(tokens);
        RatioClip clip = clip();
        return new Surrogate() {
            @Override
            public Term at(int t) {
                int s = tokens.sequence(t);
                Term whole = clip.term(sequences.sum(s), sequences.advantage(s));
                return new Term(
                        whole.loss() / sequences.length(s), whole.coefficient(), whole.ratio(), whole.clipped());
            }

            @Override
            public double share(int t) {
                return 1.0 / sequences.length(tokens.sequence(t));
            }
        };
    }
}
