package io.github.psft4j.loss;

import io.github.psft4j.kernel.TensorOps;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One evaluation of an objective over the tokens of a mini-batch, in as many chunks as the caller likes. {@link #read}
 * sweeps over the logits of a chunk. {@link #accept} turns its results into gradient scales. {@link #gradient} turns
 * the logits into their gradient. {@link #report} sums up at the end.
 */
public final class LossSweep {

    private final TokenObjective objective;
    private final TokenBatch tokens;
    private final TokenTerms terms;
    private final double[] weight; // [n]
    private final double[] scale; // [n]
    private final double[] valueScale; // [n]; null unless the objective reads values
    private final RowNeeds needs;
    private final ReferenceLogits reference; // null without one
    private double temperature = 1;
    private INDArray referenceChunk; // [chunk, V]: logits of the rows read last

    /**
     * @param reference logits of the reference model, null without one
     * @param denominator totals of the accumulation window, or null when this mini-batch is its own
     * @throws IllegalArgumentException if the window has fewer tokens than this part of it, or the objective needs a
     *     reference and there is none
     */
    public LossSweep(
            TokenObjective objective,
            Aggregation aggregation,
            Denominator denominator,
            TokenBatch tokens,
            ReferenceLogits reference) {
        if (denominator != null && denominator.tokens() < tokens.size()) {
            throw new IllegalArgumentException("the accumulation window has " + denominator.tokens()
                    + " trained tokens, but this part of it alone has " + tokens.size()
                    + "; count the trained tokens of all parts");
        }
        this.objective = objective;
        this.tokens = tokens;
        this.needs = objective.needs();
        this.reference = reference;
        if (needs.reference() && reference == null) {
            throw new IllegalArgumentException("objective " + objective.name()
                    + " compares with the whole distribution of a reference model, and there is none; give the trainer"
                    + " one: reference(CausalLm)");
        }
        this.terms = new TokenTerms(
                tokens.size(),
                needs.dense(),
                tokens.hasReferenceTop() ? tokens.referenceTop().size() : 0);
        this.weight = aggregation.weights(tokens, denominator == null ? Denominator.of(tokens) : denominator);
        this.scale = new double[tokens.size()];
        this.valueScale = needs.value() ? new double[tokens.size()] : null;
    }

    /** Like the other constructor without a reference. */
    public LossSweep(TokenObjective objective, Aggregation aggregation, Denominator denominator, TokenBatch tokens) {
        this(objective, aggregation, denominator, tokens, null);
    }

    /** Takes log-probs, entropies and gradients of logits / temperature; set before the first {@link #read}. */
    LossSweep withTemperature(double value) {
        temperature = value;
        return this;
    }

    private void temper(TensorOps ops, INDArray logits) {
        if (temperature != 1) {
            ops.vectors().scale(logits, 1 / temperature);
        }
    }

    /**
     * Fills the statistics of tokens [from, from + rows of the logits); the logits {@code [rows, V]} are left as
     * {@link #gradient} expects them.
     */
    public void read(TensorOps ops, INDArray logits, int from) {
        temper(ops, logits);
        if (tokens.hasTop()) {
            tokens.top().read(ops, logits, from);
        }
        if (!needs.dense()) {
            ops.softmax().forward(logits, tokens.targets(), from, tokens.statistics());
            return;
        }
        referenceChunk = null;
        if (needs.reference()) {
            int to = from + (int) logits.size(0);
            referenceChunk = reference.rows(Arrays.copyOfRange(tokens.rows(), from, to));
            checkReference(logits);
        }
        ops.softmax().denseForward(logits, referenceChunk, tokens.targets(), from, tokens.statistics());
        if (tokens.hasReferenceTop()) {
            ReferenceTop top = tokens.referenceTop();
            ops.softmax().topK(referenceChunk, top.size(), from, top.ids(), top.logits());
            ops.softmax().gatherColumns(logits, top.size(), from, top.ids(), top.policyLogits());
        }
    }

    private void checkReference(INDArray logits) {
        if (!Arrays.equals(logits.shape(), referenceChunk.shape()) || logits.dataType() != referenceChunk.dataType()) {
            throw new IllegalArgumentException("the reference's logits are " + referenceChunk.dataType() + " "
                    + Arrays.toString(referenceChunk.shape()) + ", the policy's " + logits.dataType() + " "
                    + Arrays.toString(logits.shape()) + "; both need the same vocabulary and data type");
        }
    }

    /** Turns the logits that {@link #read} saw last into their gradient, in place. */
    public void gradient(TensorOps ops, INDArray logits, int from) {
        untempered(ops, logits, from);
        temper(ops, logits); // the derivative of logits / temperature
    }

    private void untempered(TensorOps ops, INDArray logits, int from) {
        if (!needs.dense()) {
            ops.softmax().grad(logits, tokens.targets(), from, tokens.statistics(), scale);
            return;
        }
        ops.softmax()
                .denseGrad(logits, referenceChunk, tokens.targets(), from, tokens.statistics(), terms.dense(scale));
        if (tokens.hasReferenceTop()) {
            ReferenceTop top = tokens.referenceTop();
            ops.softmax().addColumns(terms.referenceTop(), top.size(), from, top.ids(), logits);
        }
    }

    /**
     * Evaluates the objective on tokens [from, to), whose statistics are filled.
     *
     * @throws NonFiniteLossException if a trained token has a loss or coefficient that is not a number
     */
    public void accept(int from, int to) {
        objective.evaluate(tokens, terms, from, to);
        for (int t = from; t < to; t++) {
            double factor = weight[t] * labelWeight(t);
            scale[t] = factor * terms.coefficient(t);
            terms.scaleDense(t, factor);
            if (valueScale != null) {
                valueScale[t] = factor * terms.value(t);
            }
            double sum = scale[t] + terms.denseSum(t) + terms.value(t);
            if (!Double.isFinite(sum) || !Double.isFinite(terms.loss(t)) || !Double.isFinite(tokens.logProb(t))) {
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

    /** Derivative of the aggregated loss by the value of every token; null for an objective without; not a copy. */
    public double[] valueScale() {
        return valueScale;
    }

    /** Loss of token t times its label weight, before aggregation. */
    public double loss(int t) {
        return terms.loss(t) * labelWeight(t);
    }

    /** What the objective computed for every token; not a copy. */
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
                        value,
                        nll / n,
                        entropy / n,
                        ratio / n,
                        (double) clipped / n,
                        kl / n,
                        coefficient / n,
                        n,
                        terms.measured());
    }
}
