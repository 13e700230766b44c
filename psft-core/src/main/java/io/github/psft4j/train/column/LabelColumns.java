package io.github.psft4j.train.column;

import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.loss.Column;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Copies columns of a macro-batch into the labels of a micro-batch, wherever the layout puts its sequences. */
public final class LabelColumns {

    private LabelColumns() {}

    /**
     * Fills every channel but the token id.
     *
     * @param columns values by column and number of the sequence
     * @param declared columns of the labels
     * @param labels fresh dense labels {@code [B, C, T]}
     * @throws IllegalArgumentException naming the sequence whose column does not have one value per predicted token
     */
    public static void fill(
            Map<Column, Map<Integer, double[]>> columns, MicroBatch micro, Set<Column> declared, INDArray labels) {
        for (Column column : declared) {
            Map<Integer, double[]> values = columns.getOrDefault(column, Map.of());
            for (int i = 0; i < micro.numbers().length; i++) {
                double[] row = values.get(micro.numbers()[i]);
                int length = micro.layout().length(i);
                if (row != null && row.length != length) {
                    throw new IllegalArgumentException("column " + column + " of sequence " + micro.numbers()[i]
                            + " has " + row.length + " values, the sequence takes " + length);
                }
                fill(micro.layout(), i, labels, column.channel(declared), row, absent(column));
            }
        }
    }

    private static void fill(
            SequenceLayout layout, int sequence, INDArray labels, int channel, double[] values, double absent) {
        DataBuffer data = labels.data();
        long time = labels.size(2);
        long row = layout.start(sequence) / time;
        long at = (row * labels.size(1) + channel) * time + layout.start(sequence) % time;
        int shared = layout.shared(sequence); // those rows are another sequence's, and train nothing
        for (int t = shared; t < layout.length(sequence); t++) {
            data.put(at + t - shared, values == null ? absent : values[t]);
        }
    }

    /** Value of a sequence that a column does not name; labels with a NaN are refused by name. */
    private static double absent(Column column) {
        return switch (column) {
            case OLD_LOG_PROB -> Column.CURRENT;
            case WEIGHT -> 1;
            case REF_LOG_PROB, ADVANTAGE, OLD_VALUE, RETURN -> Double.NaN;
        };
    }
}
