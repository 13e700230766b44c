package io.github.psft4j.loss;

import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import java.util.Objects;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Any {@link TokenObjective} as a Deeplearning4j loss function, for {@code RnnOutputLayer} with softmax or identity
 * activation.
 *
 * <p>Labels are {@code [B, C, T]}, channel 0 the token id, then the objective's columns (see {@link Column}); the loss
 * mask is the label mask {@code [B, T]}. Log-probs come from the pre-activations by log-sum-exp; the activation does
 * not matter. The loss is already a mean over tokens, so build the network with {@code miniBatch(false)}: otherwise
 * Deeplearning4j divides score and gradient by the batch size once more.
 *
 * <p>Value object: {@code equals} and JSON cover objective and aggregation. What the last evaluation measured can be
 * read from {@link #report()} and {@link #logProbs()}; the class is no more thread-safe than the network that owns it.
 */
public class TokenLoss implements ILossFunction {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final TokenObjective objective;

    @JsonProperty
    private final Aggregation aggregation;

    private final transient Denominator denominator;
    private final transient ReferenceLogits reference; // null: no reference model
    private final transient double temperature;
    private transient Measured last; // null before the first evaluation and after deserialization

    /** What one evaluation measured: log-probs and entropies {@code [rows]}. */
    private record Measured(LossReport report, double[] logProbs, double[] entropies, TokenTrace trace) {
        static final Measured NOTHING = new Measured(LossReport.EMPTY, new double[0], new double[0], null);
    }

    /** Loss of the objective, aggregated over the trained tokens of each mini-batch. */
    @JsonCreator
    public TokenLoss(
            @JsonProperty("objective") TokenObjective objective, @JsonProperty("aggregation") Aggregation aggregation) {
        this(objective, aggregation == null ? Aggregation.TOKEN_MEAN : aggregation, null, null, 1);
    }

    /** Loss of the objective as the mean over tokens. */
    public TokenLoss(TokenObjective objective) {
        this(objective, Aggregation.TOKEN_MEAN, null, null, 1);
    }

    private TokenLoss(
            TokenObjective objective,
            Aggregation aggregation,
            Denominator denominator,
            ReferenceLogits reference,
            double temperature) {
        this.objective = Objects.requireNonNull(objective, "objective");
        this.aggregation = aggregation;
        this.denominator = denominator;
        this.reference = reference;
        this.temperature = temperature;
    }

    /** The same loss for one part of an accumulation window with the given totals. */
    public TokenLoss within(Denominator window) {
        return new TokenLoss(objective, aggregation, window, reference, temperature);
    }

    /** The same loss with a reference model for the mini-batch that comes next; not part of the configuration. */
    public TokenLoss withReference(ReferenceLogits logits) {
        return new TokenLoss(objective, aggregation, denominator, logits, temperature);
    }

    /**
     * The same loss of another policy: softmax(logits / temperature), the one that samples were drawn from. Its
     * log-probs, entropies and gradients are those of this policy. Not part of the configuration.
     *
     * @param value above 0; 1 is the model as it is
     */
    public TokenLoss withTemperature(double value) {
        return new TokenLoss(objective, aggregation, denominator, reference, value);
    }

    /** The objective. */
    public TokenObjective objective() {
        return objective;
    }

    /** How token losses become one number. */
    public Aggregation aggregation() {
        return aggregation;
    }

    /** Totals of the accumulation window, null for a mini-batch that is its own. */
    public Denominator denominator() {
        return denominator;
    }

    /** Temperature of the policy, 1 for the model as it is. */
    public double temperature() {
        return temperatureOrOne();
    }

    /**
     * Starts an evaluation over the rows of a mini-batch; {@link #finish} ends it. For output layers that compute
     * logits in chunks.
     */
    public LossSweep sweep(TokenBatch tokens) {
        return new LossSweep(objective, aggregation, denominator, tokens, reference)
                .withTemperature(temperatureOrOne());
    }

    /** Ends an evaluation: keeps its report and log-probs, and returns the value. */
    public double finish(LossSweep sweep, TokenBatch tokens) {
        double[] logProbs = new double[tokens.totalRows()];
        double[] entropies = new double[tokens.totalRows()];
        for (int t = 0; t < tokens.size(); t++) {
            logProbs[tokens.rows()[t]] = tokens.logProb(t);
            entropies[tokens.rows()[t]] = tokens.entropy(t);
        }
        last = new Measured(sweep.report(), logProbs, entropies, new TokenTrace(tokens, sweep.terms()));
        return last.report.value();
    }

    /** A deserialized loss has none: 1. */
    private double temperatureOrOne() {
        return temperature == 0 ? 1 : temperature;
    }

    private Measured last() {
        return last == null ? Measured.NOTHING : last;
    }

    /** What the last evaluation measured. */
    public LossReport report() {
        return last().report;
    }

    /**
     * Log-prob of every row's target in the last evaluation, 0 outside the mask, in the row order of that evaluation.
     */
    public double[] logProbs() {
        return last().logProbs;
    }

    /** Entropy of every row's distribution in the last evaluation, nats, 0 outside the mask. */
    public double[] entropies() {
        return last().entropies;
    }

    /** Every trained token of the last evaluation, null before the first one. */
    public TokenTrace trace() {
        return last().trace;
    }

    @Override
    public double computeScore(
            INDArray labels, INDArray preOutput, IActivation activationFn, INDArray mask, boolean average) {
        return new Evaluation(labels, preOutput, activationFn, mask).value;
    }

    /** Loss of every row before aggregation, {@code [N, 1]}; masked rows are 0. */
    @Override
    public INDArray computeScoreArray(INDArray labels, INDArray preOutput, IActivation activationFn, INDArray mask) {
        Evaluation e = new Evaluation(labels, preOutput, activationFn, mask);
        double[] loss = new double[e.tokens.totalRows()];
        for (int t = 0; t < e.tokens.size(); t++) {
            loss[e.tokens.rows()[t]] = e.sweep.loss(t);
        }
        return Nd4j.createFromArray(loss).reshape(loss.length, 1).castTo(preOutput.dataType());
    }

    /** Gradient with respect to the pre-activations, {@code [N, V]}: a new array, no argument changes. */
    @Override
    public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activationFn, INDArray mask) {
        return new Evaluation(labels, preOutput, activationFn, mask).gradient(preOutput);
    }

    @Override
    public Pair<Double, INDArray> computeGradientAndScore(
            INDArray labels, INDArray preOutput, IActivation activationFn, INDArray mask, boolean average) {
        Evaluation e = new Evaluation(labels, preOutput, activationFn, mask);
        return Pair.of(e.value, e.gradient(preOutput));
    }

    /** One sweep over logits {@code [N, V]}; only the rows inside the mask are copied and worked on. */
    private final class Evaluation {
        private final TensorOps ops;
        private final TokenBatch tokens;
        private final LossSweep sweep;
        private final INDArray rows; // [n, V]: logits, then exp(logits - max), then gradient
        private final double value;

        Evaluation(INDArray labels, INDArray preOutput, IActivation activationFn, INDArray mask) {
            check(activationFn);
            int vocabulary = (int) preOutput.size(1);
            ops = TensorOpsFactory.forType(preOutput.dataType());
            tokens = LabelReader.rows(labels, mask, objective, vocabulary);
            if (tokens.totalRows() != preOutput.size(0)) {
                throw new IllegalArgumentException(
                        "labels have " + tokens.totalRows() + " rows, logits " + preOutput.size(0));
            }
            sweep = sweep(tokens);
            if (tokens.size() == 0) {
                rows = null;
            } else if (tokens.size() == tokens.totalRows()) {
                rows = preOutput.dup('c');
            } else {
                rows = Nd4j.createUninitialized(preOutput.dataType(), new long[] {tokens.size(), vocabulary}, 'c');
                INDArray dense = preOutput.ordering() == 'c' && !preOutput.isView() ? preOutput : preOutput.dup('c');
                ops.vectors().gatherRows(dense, tokens.rows(), rows);
            }
            if (rows != null) {
                sweep.read(ops, rows, 0);
                sweep.accept(0, tokens.size());
            }
            value = finish(sweep, tokens);
        }

        INDArray gradient(INDArray preOutput) {
            if (rows != null) {
                sweep.gradient(ops, rows, 0);
                if (tokens.size() == tokens.totalRows()) {
                    return rows;
                }
            }
            INDArray gradient = Nd4j.create(preOutput.dataType(), preOutput.shape(), 'c'); // [N, V], zeros
            if (rows != null) {
                ops.vectors().scatterAddRows(rows, tokens.rows(), gradient);
            }
            return gradient;
        }

        private void check(IActivation activationFn) {
            if (!(activationFn instanceof ActivationSoftmax) && !(activationFn instanceof ActivationIdentity)) {
                throw new IllegalArgumentException(
                        "a token loss needs activation softmax or identity on the output layer, got " + activationFn);
            }
            if (objective.scope() != Scope.TOKEN) {
                throw new IllegalArgumentException("objective " + objective.name()
                        + " looks at whole sequences, which a stock output layer does not pass to its loss; use the"
                        + " LmHead layer");
            }
            if (aggregation.needsSequences()) {
                throw new IllegalArgumentException(
                        "aggregation " + aggregation + " needs to know the sequences, which a"
                                + " stock output layer does not pass to its loss; use TOKEN_MEAN here or the LmHead"
                                + " layer");
            }
        }
    }

    @Override
    public String name() {
        return toString();
    }

    @Override
    public boolean equals(Object other) {
        return other != null
                && other.getClass() == getClass()
                && objective.equals(((TokenLoss) other).objective)
                && aggregation == ((TokenLoss) other).aggregation;
    }

    @Override
    public int hashCode() {
        return Objects.hash(objective, aggregation);
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "(" + objective + ", " + aggregation + ")";
    }
}
