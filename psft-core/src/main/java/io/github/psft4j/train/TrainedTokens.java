package io.github.psft4j.train;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenTrace;
import java.util.List;

/** The trained tokens of a micro-batch as the objective saw them, by index t from 0. */
public final class TrainedTokens {

    private final List<Demonstration> demonstrations;
    private final TokenTrace trace;
    private final int[] positions; // [n], of the token in its demonstration
    private final boolean noisy;

    /** @param noisy whether the pass had noise that scores and samples do not have */
    TrainedTokens(List<Demonstration> demonstrations, TokenTrace trace, boolean noisy) {
        this.noisy = noisy;
        this.demonstrations = demonstrations;
        this.trace = trace;
        this.positions = positions(demonstrations, trace);
    }

    /** The k-th trained token of a demonstration is the k-th inside its loss mask, however sequences were laid out. */
    private static int[] positions(List<Demonstration> demonstrations, TokenTrace trace) {
        int[] positions = new int[trace.tokens().size()];
        int[] last = new int[demonstrations.size()]; // position 0 is never trained
        for (int t = 0; t < positions.length; t++) {
            int sequence = trace.tokens().sequence(t);
            boolean[] mask = demonstrations.get(sequence).lossMask();
            do {
                last[sequence]++;
            } while (!mask[last[sequence]]);
            positions[t] = last[sequence];
        }
        return positions;
    }

    /** Number of trained tokens, n. */
    public int size() {
        return positions.length;
    }

    /** Id of token t. */
    public int id(int t) {
        return trace.tokens().targets()[t];
    }

    /** The demonstration that token t belongs to. */
    public Demonstration demonstration(int t) {
        return demonstrations.get(trace.tokens().sequence(t));
    }

    /** Index of token t in its demonstration: {@code demonstration(t).tokens()[position(t)] == id(t)}. */
    public int position(int t) {
        return positions[t];
    }

    /**
     * Whether the pass had noise that scores and samples do not have: dropout of an adapter, or NEFTune. Its log-probs
     * are then not those of the model.
     */
    public boolean noisy() {
        return noisy;
    }

    /** Log-prob of token t under the current policy, nats. */
    public double logProb(int t) {
        return trace.tokens().logProb(t);
    }

    /**
     * Log-prob of token t under pi_old, nats; that of the current policy where pi_old is the current policy. NaN if the
     * objective takes none, or if it would be that of a noisy pass.
     */
    public double oldLogProb(int t) {
        if (!trace.tokens().has(Column.OLD_LOG_PROB)) {
            return Double.NaN;
        }
        double old = trace.tokens().column(Column.OLD_LOG_PROB, t);
        double current = noisy ? Double.NaN : logProb(t);
        return old == Column.CURRENT ? current : old;
    }

    /** Entropy of the current policy where token t is predicted, nats. */
    public double entropy(int t) {
        return trace.tokens().entropy(t);
    }

    /** Ratio of current to old policy at token t, 1 for objectives without one. */
    public double ratio(int t) {
        return trace.terms().ratio(t);
    }

    /** Whether the clip stopped the gradient of token t. */
    public boolean clipped(int t) {
        return trace.terms().clipped(t);
    }

    /** Loss of token t before aggregation; of a pair, both answers' tokens together have the pair's loss. */
    public double loss(int t) {
        return trace.terms().loss(t);
    }

    /** Gradient coefficient of token t before aggregation. */
    public double coefficient(int t) {
        return trace.terms().coefficient(t);
    }
}
