package io.github.psft4j.loss;

import io.github.psft4j.kernel.SequenceLayout;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads label arrays into a {@link TokenBatch} and checks every value. Token ids are whole numbers inside the
 * vocabulary, masks are 0 or 1, old log-probs are numbers. Labels are never written to.
 */
public final class LabelReader {

    private LabelReader() {}

    /**
     * Rows in sequence-major order, row {@code b*T + t}, of labels {@code [B, C, T]} with mask {@code [B, T]} (null:
     * all ones), one sequence per row.
     */
    public static TokenBatch sequences(INDArray labels, INDArray mask, TokenObjective objective, int vocabulary) {
        return sequences(labels, mask, objective, vocabulary, null);
    }

    /**
     * The same for rows that hold sequences as the layout says (null: one per row); a trained token must belong to one.
     */
    public static TokenBatch sequences(
            INDArray labels, INDArray mask, TokenObjective objective, int vocabulary, SequenceLayout segments) {
        if (labels.rank() != 3) {
            throw new IllegalArgumentException("labels must be [B, C, T], got shape " + shape(labels));
        }
        int batch = (int) labels.size(0);
        int channels = (int) labels.size(1);
        int time = (int) labels.size(2);
        if (mask != null && (mask.rank() != 2 || mask.size(0) != batch || mask.size(1) != time)) {
            throw new IllegalArgumentException(
                    "the label mask must be [B, T] = [" + batch + ", " + time + "], got " + shape(mask));
        }
        double[] values = toDoubles(labels); // [B, C, T]
        double[] trained = mask == null ? null : toDoubles(mask); // [B, T]
        int n = batch * time;
        Reader reader = new Reader(n, channels, objective, vocabulary);
        for (int row = 0; row < n; row++) {
            int b = row / time;
            int t = row % time;
            int sequence = segments == null ? b : segments.sequence(row);
            reader.row(row, sequence, trained == null ? 1 : trained[row], c -> values[(b * channels + c) * time + t]);
        }
        return reader.batch(segments == null ? batch : segments.count());
    }

    /**
     * Rows as they come of labels {@code [N, C]} with mask {@code [N]} or {@code [N, 1]} (null: all ones), as one
     * sequence.
     */
    public static TokenBatch rows(INDArray labels, INDArray mask, TokenObjective objective, int vocabulary) {
        if (labels.rank() != 2) {
            throw new IllegalArgumentException("labels must be [N, C], got shape " + shape(labels));
        }
        int n = (int) labels.size(0);
        int channels = (int) labels.size(1);
        if (mask != null && mask.length() != n) {
            throw new IllegalArgumentException("the label mask must be a column of " + n
                    + " values, one per token (a mask per output makes no sense for a token loss), got " + shape(mask));
        }
        double[] values = toDoubles(labels); // [N, C]
        double[] trained = mask == null ? null : toDoubles(mask); // [N]
        Reader reader = new Reader(n, channels, objective, vocabulary);
        for (int row = 0; row < n; row++) {
            int r = row;
            reader.row(row, 0, trained == null ? 1 : trained[row], c -> values[r * channels + c]);
        }
        return reader.batch(1);
    }

    private static double[] toDoubles(INDArray array) {
        if (array.dataType() == DataType.FLOAT16 || array.dataType() == DataType.BFLOAT16) {
            throw new IllegalArgumentException(
                    array.dataType() + " labels cannot hold token ids exactly; keep labels and masks in FLOAT");
        }
        return array.dup('c').data().asDouble();
    }

    private static String shape(INDArray array) {
        return Arrays.toString(array.shape());
    }

    private interface Channels {
        double value(int channel);
    }

    /** Collects and checks the trained rows, one after the other. */
    private static final class Reader {
        private final TokenObjective objective;
        private final int vocabulary;
        private final int totalRows;
        private final int[] targets; // [rows]; the first n are used
        private final int[] rows;
        private final int[] sequence;
        private final Set<Column> declared;
        private final Map<Column, double[]> columns = new EnumMap<>(Column.class);
        private int n;

        Reader(int totalRows, int channels, TokenObjective objective, int vocabulary) {
            this.objective = objective;
            this.vocabulary = vocabulary;
            this.totalRows = totalRows;
            this.targets = new int[totalRows];
            this.rows = new int[totalRows];
            this.sequence = new int[totalRows];
            this.declared = objective.columns();
            if (channels != 1 + declared.size()) {
                throw new IllegalArgumentException("objective " + objective.name() + " needs labels with "
                        + (1 + declared.size()) + " channels: the token id"
                        + (declared.isEmpty() ? "" : ", then " + declared) + "; got " + channels
                        + (declared.contains(Column.OLD_LOG_PROB)
                                ? ". A SnapshotIterator adds the old log-probs to plain labels"
                                : ""));
            }
            for (Column c : declared) {
                columns.put(c, new double[totalRows]);
            }
        }

        void row(int row, int sequenceIndex, double mask, Channels channels) {
            if (mask != 0 && mask != 1) {
                throw new IllegalArgumentException("label mask must be 0 or 1, was " + mask + " at row " + row
                        + "; fractional weights go into the WEIGHT column");
            }
            if (mask == 0) {
                return;
            }
            if (sequenceIndex == SequenceLayout.PADDING) {
                throw new IllegalArgumentException(
                        "row " + row + " is trained but belongs to no sequence; mask the padding");
            }
            double id = channels.value(0);
            if (id != Math.rint(id) || id < 0 || id >= vocabulary) {
                throw new IllegalArgumentException("token id " + id + " at row " + row
                        + " is outside the vocabulary [0, " + vocabulary + "); mask the row or check the tokenizer");
            }
            for (Column c : declared) {
                double value = channels.value(c.channel(declared));
                boolean current = c == Column.OLD_LOG_PROB && value == Column.CURRENT;
                if (!Double.isFinite(value) && !current) {
                    throw new IllegalArgumentException("column " + c + " is " + value + " at row " + row + " (token id "
                            + (int) id + ") for objective " + objective.name());
                }
                columns.get(c)[n] = value;
            }
            targets[n] = (int) id;
            rows[n] = row;
            sequence[n] = sequenceIndex;
            n++;
        }

        TokenBatch batch(int sequences) {
            columns.replaceAll((c, values) -> Arrays.copyOf(values, n));
            return new TokenBatch(
                    Arrays.copyOf(targets, n),
                    Arrays.copyOf(rows, n),
                    totalRows,
                    Arrays.copyOf(sequence, n),
                    sequences,
                    columns,
                    objective.needs(),
                    vocabulary);
        }
    }
}
