package io.github.psft4j.train.source;

import io.github.psft4j.loss.Column;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The mini-batches from one refresh of pi_old to the next, and the label columns of their sequences. Its source makes it, fillers add
 * columns, and the trainer takes one mini-batch after the other.
 */
public final class MacroBatch {

    private final Deque<MiniBatch> left;
    private final Map<Column, Map<Integer, double[]>> columns = new EnumMap<>(Column.class);

    /**
     * @param miniBatches in the order of training
     */
    public MacroBatch(List<MiniBatch> miniBatches) {
        this.left = new ArrayDeque<>(miniBatches);
    }

    /** The mini-batches that are still to be trained. */
    public List<MiniBatch> miniBatches() {
        return List.copyOf(left);
    }

    /** Whether every mini-batch has been taken. */
    public boolean isTaken() {
        return left.isEmpty();
    }

    /** Takes the next mini-batch. */
    public MiniBatch next() {
        return left.remove();
    }

    /**
     * Values of a column by the number of the sequence, to read and to fill: {@code [length - 1]} each, where element t belongs to token
     * t + 1. A sequence may be missing: its log-prob under pi_old is that of the current policy, its weight is 1.
     */
    public Map<Integer, double[]> column(Column column) {
        return columns.computeIfAbsent(column, c -> new TreeMap<>());
    }

    /** Sets a column that other macro-batches share. */
    public void share(Column column, Map<Integer, double[]> values) {
        columns.put(column, values);
    }

    /** All columns that have been filled. */
    public Map<Column, Map<Integer, double[]>> columns() {
        return columns;
    }
}
