package io.github.psft4j.losses.rl;

import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Measures;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenTerms;
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
        @Doc("upper clip width, above 0") double epsHigh) implements RatioObjective {

    /** Clip 0.2 on both sides. */
    public RlooObjective() {
        this(0.2, 0.2);
    }

    /** @throws IllegalArgumentException naming the parameter that is out of range */
    public RlooObjective {
        new ClippedSurrogate(epsLow, epsHigh);
    }

    @Override
    public double low() {
        return 1 - epsLow;
    }

    @Override
    public double high() {
        return 1 + epsHigh;
    }

    @Override
    public Scope scope() {
        return Scope.SEQUENCE;
    }

    @Override
    public Aggregation aggregation() {
        return Aggregation.SEQUENCE_MEAN_TOKEN_SUM;
    }

    @Override
    public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
        SequenceRatios sequences = new SequenceRatios(tokens);
        ClippedSurrogate clip = new ClippedSurrogate(epsLow, epsHigh);
        for (int t = from; t < to; t++) {
            int s = tokens.sequence(t);
            ClippedSurrogate.Term term = clip.term(clip.bounded(sequences.sum(s)), sequences.advantage(s));
            out.set(t, term.loss() / sequences.length(s), term.coefficient());
            out.setRatio(t, term.ratio(), term.clipped());
        }
    }

    /** Shares of sequences, not of tokens: a ratio is one of a sequence. */
    @Override
    public Measures measures(TokenBatch tokens, TokenTerms out) {
        double[] advantages = tokens.sequenceSums(t -> tokens.column(Column.ADVANTAGE, t));
        int[] lengths = tokens.sequenceLengths();
        double low = 0;
        double high = 0;
        double trained = 0;
        for (int t = 0; t < tokens.size(); t++) {
            double part = 1.0 / lengths[tokens.sequence(t)];
            double advantage = advantages[tokens.sequence(t)];
            trained += part;
            low += advantage < 0 && out.ratio(t) < low() ? part : 0;
            high += advantage > 0 && out.ratio(t) > high() ? part : 0;
        }
        return Measures.NONE.with("clip_low", low, trained).with("clip_high", high, trained);
    }
}
