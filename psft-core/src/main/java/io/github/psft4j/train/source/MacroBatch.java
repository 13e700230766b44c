package io.github.psft4j.train.source;

import io.github.psft4j.loss.Column;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The mini-batches from one refresh of pi_old to the next, and the label columns of their sequences. Its source makes
 * it, fillers add columns, and the trainer takes one mini-batch after the other.
 *
 * @param miniBatches those that are still to be trained, in their order
 * @param columns values by column and number of the sequence
 * @param measures what logs show at each of its steps beside the loss, by name, such as the mean reward; to be filled
 *     by the source
 */
public record MacroBatch(
        Deque<MiniBatch> miniBatches, Map<Column, Map<Integer, double[]>> columns, Map<String, Double> measures) {

    /** Mini-batches in the order of training, without columns. */
    public MacroBatch(List<MiniBatch> miniBatches) {
        this(new ArrayDeque<>(miniBatches), new EnumMap<>(Column.class), new LinkedHashMap<>());
    }

    /**
     * Values of a column by the number of the sequence, to read and to fill: {@code [length - 1]} each, where element t
     * belongs to token t + 1. A sequence may be missing: its log-prob under pi_old is that of the current policy, its
     * weight is 1.
     */
    public Map<Integer, double[]> column(Column column) {
        return columns.computeIfAbsent(column, c -> new TreeMap<>());
    }
}
