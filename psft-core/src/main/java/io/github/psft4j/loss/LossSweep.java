package io.github.psft4j.loss;

/**
 * One evaluation of an objective over the tokens of a mini-batch, in as many chunks as the caller likes: after the
 * softmax sweep of tokens [from, to), {@link #accept} turns their log-probs into gradient scales, and {@link #report}
 * sums up at the end.
 */
public final class LossSweep {

    private final TokenObjective objective;
    private final TokenBatch tokens;
    private final TokenTerms terms;
    private final double[] weight; // [n]
    private final double[] scale; // [n]

    /**
     * @param denominator totals of the accumulation window, or null when this mini-batch is its own
     * @throws IllegalArgumentException if the window has fewer tokens than this part of it
     */
    public LossSweep(TokenObjective objective, Aggregation aggregation, Denominator denominator, TokenBatch tokens) {
        if (denominator != null && denominator.tokens() < tokens.size()) {
            throw new IllegalArgumentException("the accumulation window has " + denominator.tokens()
                    + " trained tokens, but this part of it alone has " + tokens.size()
                    + "; count the trained tokens of all parts");
        }
        this.objective = objective;
        this.tokens = tokens;
        this.terms = new TokenTerms(tokens.size());
        this.weight = aggregation.weights(tokens, denominator == null ? Denominator.of(tokens) : denominator);
        this.scale = new double[tokens.size()];
    }

    /**
     * Evaluates the objective on tokens [from, to), whose statistics are filled.
     *
     * @throws NonFiniteLossException if a trained token has a loss or coefficient that is not a number
     */
    public void accept(int from, int to) {
        objective.evaluate(tokens, terms, from, to);
        for (int t = from; t < to; t++) {
            scale[t] = weight[t] * labelWeight(t) * terms.coefficient(t);
            if (!Double.isFinite(scale[t]) || !Double.isFinite(terms.loss(t)) || !Double.isFinite(tokens.logProb(t))) {
                throw new NonFiniteLossException(objective.name(), tokens, t, terms.loss(t));
            }
        }
    }

    /**
     * Factor on {@code softmax - onehot} of every token, {@code aggregation weight * label weight * coefficient}; not a
     * copy.
     */
    public double[] scale() {
        return scale;
    }

    /** Loss of token t times its label weight, before aggregation. */
    public double loss(int t) {
        return terms.loss(t) * labelWeight(t);
    }

    /** What the objective said of every token; not a copy. */
    TokenTerms terms() {
        return terms;
    }

    private double labelWeight(int t) {
        return tokens.has(Column.WEIGHT) ? tokens.column(Column.WEIGHT, t) : 1;
    }

    /** Sums over all tokens; call it when every one was accepted. */
    public LossReport report() {
        double value = 0;
        double nll = 0;
        double entropy = 0;
        double ratio = 0;
        double kl = 0;
        double coefficient = 0;
        long clipped = 0;
        int n = tokens.size();
        boolean old = tokens.has(Column.OLD_LOG_PROB);
        for (int t = 0; t < n; t++) {
            value += weight[t] * loss(t);
            nll -= tokens.logProb(t);
            entropy += tokens.entropy(t);
            ratio += terms.ratio(t);
            coefficient += terms.coefficient(t);
            clipped += terms.clipped(t) ? 1 : 0;
            kl -= old ? tokens.logRatio(t, Double.MAX_VALUE) : 0;
        }
        return n == 0
                ? LossReport.EMPTY
                : new LossReport(
                        value, nll / n, entropy / n, ratio / n, (double) clipped / n, kl / n, coefficient / n, n);
    }
}
