package io.github.psft4j.loss;

import io.github.psft4j.kernel.DenseStatistics;
import io.github.psft4j.kernel.TokenStatistics;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * The trained tokens of one mini-batch as an objective sees them. It holds targets, label columns, and the log-probs
 * that the softmax sweep has filled in so far. Rows outside the loss mask are absent, so they cannot influence
 * anything.
 */
public final class TokenBatch {

    private final int[] targets; // [n]
    private final int[] rows; // [n], row of the token in the mini-batch
    private final int totalRows;
    private final int[] sequence; // [n]
    private final int sequences;
    private final Map<Column, double[]> columns; // each [n]
    private final TokenStatistics statistics; // [n]
    private final int vocabulary;
    private final TopTokens top; // null unless asked for
    private final ReferenceTop referenceTop; // null unless asked for
    private final double[] values; // [n], null unless asked for

    /** Tokens of a scalar objective; see the other constructor. */
    public TokenBatch(
            int[] targets, int[] rows, int totalRows, int[] sequence, int sequences, Map<Column, double[]> columns) {
        this(targets, rows, totalRows, sequence, sequences, columns, RowNeeds.NONE, Integer.MAX_VALUE);
    }

    /**
     * @param targets token id to predict, per trained token
     * @param rows row of each trained token among all rows of the mini-batch, ascending
     * @param totalRows number of rows, trained or not
     * @param sequence index of each token's sequence, 0 .. sequences - 1
     * @param sequences number of sequences in the mini-batch
     * @param columns label columns, each with one value per trained token
     * @param needs what the sweep is to fill in
     * @param vocabulary number of logits per token
     */
    public TokenBatch(
            int[] targets,
            int[] rows,
            int totalRows,
            int[] sequence,
            int sequences,
            Map<Column, double[]> columns,
            RowNeeds needs,
            int vocabulary) {
        this.targets = targets;
        this.rows = rows;
        this.totalRows = totalRows;
        this.sequence = sequence;
        this.sequences = sequences;
        this.columns = new EnumMap<>(Column.class);
        this.columns.putAll(columns);
        this.statistics =
                needs.dense() ? TokenStatistics.dense(targets.length) : TokenStatistics.ofRows(targets.length);
        this.vocabulary = vocabulary;
        this.top = needs.topK() == 0 ? null : new TopTokens(Math.min(needs.topK(), vocabulary), statistics);
        this.referenceTop = needs.referenceTopK() == 0
                ? null
                : new ReferenceTop(Math.min(needs.referenceTopK(), vocabulary), statistics);
        this.values = needs.value() ? new double[targets.length] : null;
    }

    /** Number of trained tokens, n. */
    public int size() {
        return targets.length;
    }

    /** Token ids to predict, {@code [n]}; not a copy. */
    public int[] targets() {
        return targets;
    }

    /** Row of every trained token in the mini-batch, {@code [n]}, ascending; not a copy. */
    public int[] rows() {
        return rows;
    }

    /** Number of rows of the mini-batch, trained or not. */
    public int totalRows() {
        return totalRows;
    }

    /** Number of logits per token. */
    public int vocabulary() {
        return vocabulary;
    }

    /** Sequence of token t. */
    public int sequence(int t) {
        return sequence[t];
    }

    /** Number of sequences. */
    public int sequences() {
        return sequences;
    }

    /** Log-prob of token t under the current policy, nats. */
    public double logProb(int t) {
        return statistics.logProb()[t];
    }

    /** Entropy of the current policy at token t, nats. */
    public double entropy(int t) {
        return statistics.entropy()[t];
    }

    /** Log-prob, entropy and softmax denominator of all tokens; filled by the softmax sweep. */
    public TokenStatistics statistics() {
        return statistics;
    }

    /** Log of the softmax denominator of token t. */
    public double logSumExp(int t) {
        return statistics.logSumExp(t);
    }

    /**
     * Divergences and other sums over the vocabulary.
     *
     * @throws IllegalStateException if the objective does not declare them
     */
    public DenseStatistics dense() {
        return declared(statistics.dense(), "DENSE");
    }

    /**
     * The policy's largest logits.
     *
     * @throws IllegalStateException if the objective does not declare them
     */
    public TopTokens top() {
        return declared(top, "topK(k)");
    }

    /**
     * The reference's likeliest tokens.
     *
     * @throws IllegalStateException if the objective does not declare them
     */
    public ReferenceTop referenceTop() {
        return declared(referenceTop, "referenceTopK(k)");
    }

    /**
     * What the critic expects before token t, in units of the reward.
     *
     * @throws IllegalStateException if the objective does not declare it
     */
    public double value(int t) {
        return declared(values, "VALUE")[t];
    }

    /** The values of all tokens, {@code [n]}, which the value head fills; null unless they are asked for. */
    public double[] values() {
        return values;
    }

    /** Whether {@link #top()} is asked for. */
    public boolean hasTop() {
        return top != null;
    }

    boolean hasReferenceTop() {
        return referenceTop != null;
    }

    private static <T> T declared(T value, String need) {
        if (value == null) {
            throw new IllegalStateException(
                    "the sweep was not asked for this; return RowNeeds." + need + " from the objective's needs()");
        }
        return value;
    }

    /** Trained tokens per sequence, {@code [sequences]}. */
    public int[] sequenceLengths() {
        int[] lengths = new int[sequences];
        for (int s : sequence) {
            lengths[s]++;
        }
        return lengths;
    }

    /** Sum of a per-token value over the trained tokens of every sequence, {@code [sequences]}. */
    public double[] sequenceSums(IntToDoubleFunction value) {
        double[] sums = new double[sequences];
        for (int t = 0; t < sequence.length; t++) {
            sums[sequence[t]] += value.applyAsDouble(t);
        }
        return sums;
    }

    /** Whether the labels carried this column. */
    public boolean has(Column column) {
        return columns.containsKey(column);
    }

    /**
     * Value of a declared column at token t.
     *
     * @throws IllegalStateException if the objective does not declare the column
     */
    public double column(Column column, int t) {
        double[] values = columns.get(column);
        if (values == null) {
            throw new IllegalStateException("column " + column + " is not in the labels, which have " + columns.keySet()
                    + "; add it to the objective's columns()");
        }
        return values[t];
    }

    /** {@code log pi_theta - log pi_ref} of token t, nats; needs {@link Column#REF_LOG_PROB}. */
    public double refLogRatio(int t) {
        return logProb(t) - column(Column.REF_LOG_PROB, t);
    }

    /**
     * {@code log pi_theta - log pi_old} of token t, clamped to +-maxLogRatio, nats; exactly 0 where the old log-prob is
     * {@link Column#CURRENT}.
     */
    public double logRatio(int t, double maxLogRatio) {
        double old = column(Column.OLD_LOG_PROB, t);
        if (old == Column.CURRENT) {
            return 0;
        }
        return Math.max(-maxLogRatio, Math.min(maxLogRatio, logProb(t) - old));
    }
}
