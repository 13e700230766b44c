package io.github.psft4j.spark;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.loss.Column;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A slice on its way to an executor: its sequences, their layout and their label columns. It is a class of arrays, not
 * a record, because the Kryo that a user's context may have cannot make records.
 */
final class SliceData implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int[] numbers; // [S]
    private final int[][] tokens; // [S][length]
    private final boolean[][] masks; // [S][length]
    private final int batch; // rows
    private final int time;
    private final int[] places; // [B * T], sequence of each token row; null if every row is one sequence
    private final int[] shared; // [S], tokens that each shares with an earlier one; null if none does
    private final int[] columns; // ordinals
    private final double[][][] values; // [columns][S][length - 1], null where a sequence has none

    SliceData(MicroBatch slice, Map<Column, Map<Integer, double[]>> given) {
        int n = slice.numbers().length;
        numbers = slice.numbers();
        tokens = new int[n][];
        masks = new boolean[n][];
        for (int i = 0; i < n; i++) {
            Demonstration sequence = slice.sequences().get(i);
            tokens[i] = sequence.tokens();
            masks[i] = sequence.lossMask();
        }
        SequenceLayout layout = slice.layout();
        batch = layout.batch();
        time = layout.time();
        places = layout.isWhole() ? null : new int[batch * time];
        for (int row = 0; places != null && row < places.length; row++) {
            places[row] = layout.sequence(row);
        }
        shared = layout.shares() ? new int[n] : null;
        for (int i = 0; shared != null && i < n; i++) {
            shared[i] = layout.shared(i);
        }
        columns = given.keySet().stream().mapToInt(Column::ordinal).toArray();
        values = new double[columns.length][n][];
        for (int c = 0; c < columns.length; c++) {
            Map<Integer, double[]> column = given.get(Column.values()[columns[c]]);
            for (int i = 0; i < n; i++) {
                values[c][i] = column.get(numbers[i]);
            }
        }
    }

    MicroBatch slice() {
        List<Demonstration> sequences = new ArrayList<>();
        for (int i = 0; i < tokens.length; i++) {
            sequences.add(new Demonstration(tokens[i], masks[i]));
        }
        SequenceLayout layout =
                places == null ? SequenceLayout.whole(batch, time) : SequenceLayout.of(places, batch, time);
        return new MicroBatch(numbers, sequences, shared == null ? layout : layout.sharing(shared));
    }

    Map<Column, Map<Integer, double[]>> columns() {
        Map<Column, Map<Integer, double[]>> out = new EnumMap<>(Column.class);
        for (int c = 0; c < columns.length; c++) {
            Map<Integer, double[]> column = new TreeMap<>();
            for (int i = 0; i < numbers.length; i++) {
                if (values[c][i] != null) {
                    column.put(numbers[i], values[c][i]);
                }
            }
            out.put(Column.values()[columns[c]], column);
        }
        return out;
    }
}
