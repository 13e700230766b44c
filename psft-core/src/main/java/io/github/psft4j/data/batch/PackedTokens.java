package io.github.psft4j.data.batch;

import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Demonstrations laid out in rows: as plain numbers for a pass without gradients, as arrays for a network.
 *
 * @param ids token ids {@code [B * T]}, 0 for padding
 * @param next the token behind each of them in its demonstration {@code [B * T]}, 0 for padding
 * @param layout sequence i is demonstration i without its last token
 * @param tokens the trained tokens; a row predicts the token behind its own in the demonstration
 */
public record PackedTokens(int[] ids, int[] next, SequenceLayout layout, TokenBatch tokens) {

    /** The demonstrations laid out as given. */
    public static PackedTokens of(List<Demonstration> demonstrations, SequenceLayout layout) {
        return of(demonstrations, layout, RowNeeds.NONE, Integer.MAX_VALUE);
    }

    /**
     * The same.
     *
     * @param needs what the pass is to fill in as well as log-prob and entropy
     * @param vocabulary number of logits per token
     */
    public static PackedTokens of(
            List<Demonstration> demonstrations, SequenceLayout layout, RowNeeds needs, int vocabulary) {
        Demonstration[] each = demonstrations.toArray(new Demonstration[0]); // a list over a file reads at every get
        int[] ids = new int[layout.batch() * layout.time()];
        int[] next = new int[ids.length];
        int[] targets = new int[ids.length];
        int[] rows = new int[ids.length];
        int[] sequences = new int[ids.length];
        int n = 0;
        for (int row = 0; row < ids.length; row++) {
            int sequence = layout.sequence(row);
            if (sequence == SequenceLayout.PADDING) {
                continue;
            }
            Demonstration d = each[sequence];
            int position = layout.position(row);
            ids[row] = d.tokens()[position];
            next[row] = d.tokens()[position + 1];
            if (d.lossMask()[position + 1]) {
                targets[n] = next[row];
                rows[n] = row;
                sequences[n++] = sequence;
            }
        }
        TokenBatch tokens = new TokenBatch(
                Arrays.copyOf(targets, n),
                Arrays.copyOf(rows, n),
                ids.length,
                Arrays.copyOf(sequences, n),
                each.length,
                Map.of(),
                needs,
                vocabulary);
        return new PackedTokens(ids, next, layout, tokens);
    }

    /**
     * The same tokens with label columns.
     *
     * @param columns per column and demonstration, {@code [length - 1]} each, where element t belongs to token t + 1
     */
    public PackedTokens with(Map<Column, List<double[]>> columns) {
        int n = tokens.size();
        int[] sequences = new int[n];
        for (int t = 0; t < n; t++) {
            sequences[t] = demonstration(t);
        }
        Map<Column, double[]> values = new EnumMap<>(Column.class);
        columns.forEach((column, rows) -> {
            double[] perToken = new double[n];
            for (int t = 0; t < n; t++) {
                perToken[t] = rows.get(sequences[t])[position(t)];
            }
            values.put(column, perToken);
        });
        TokenBatch filled = new TokenBatch(
                tokens.targets(), tokens.rows(), tokens.totalRows(), sequences, tokens.sequences(), values);
        return new PackedTokens(ids, next, layout, filled);
    }

    /** Demonstration of trained token t. */
    public int demonstration(int t) {
        return tokens.sequence(t);
    }

    /** Position in its demonstration of the row that predicts trained token t, one less than the token's own. */
    public int position(int t) {
        return layout.position(tokens.rows()[t]);
    }

    /**
     * Arrays for a decoder. Features {@code [B, 2, T]}: token ids, and the number of each token's demonstration.
     * Padding has id 0 and number -1. If every demonstration fills a row, features are {@code [B, T]} token ids. Where
     * some share tokens, they are {@code [B, 3, T]}, with the number of shared tokens of each token's demonstration.
     * Labels {@code [B, channels, T]} with the next token's id in channel 0 and zeros in the others, label mask
     * {@code [B, T]}. All FLOAT, which holds ids exactly up to 2^24.
     */
    public MultiDataSet arrays(int channels) {
        return arrays(channels, layout.isWhole());
    }

    /**
     * Arrays without the numbers of demonstrations, one demonstration per row, padded on the right to the longest:
     * features {@code [B, T]}, the rest as {@link #arrays}. Padding needs no attention mask, because a causal decoder
     * never looks to the right, and no loss, because the label mask is 0 there.
     */
    public static MultiDataSet padded(List<Demonstration> demonstrations, int channels) {
        return of(demonstrations, Packing.onePerRow(demonstrations)).arrays(channels, true);
    }

    private MultiDataSet arrays(int channels, boolean idsOnly) {
        int batch = layout.batch();
        int time = layout.time();
        int inputs = idsOnly ? 1 : layout.shares() ? 3 : 2;
        float[] features = new float[inputs * ids.length]; // [B, inputs, T]
        float[] labels = new float[channels * ids.length]; // [B, C, T]
        float[] mask = new float[ids.length]; // [B, T]
        for (int row = 0; row < ids.length; row++) {
            int b = row / time;
            int t = row % time;
            features[inputs * b * time + t] = ids[row];
            if (!idsOnly) {
                features[(inputs * b + 1) * time + t] = layout.sequence(row);
            }
            if (layout.shares()) {
                features[(inputs * b + 2) * time + t] = layout.shared(layout.sequence(row));
            }
            labels[channels * b * time + t] = next[row];
        }
        for (int row : tokens.rows()) {
            mask[row] = 1;
        }
        long[] shape = idsOnly ? new long[] {batch, time} : new long[] {batch, inputs, time};
        return new MultiDataSet(
                new INDArray[] {array(features, shape)},
                new INDArray[] {array(labels, batch, channels, time)},
                null,
                new INDArray[] {array(mask, batch, time)});
    }

    private static INDArray array(float[] values, long... shape) {
        return Nd4j.create(values, shape, 'c').castTo(DataType.FLOAT);
    }

    /** Log-probs after a pass: {@code [length - 1]} of every sequence, nats, 0 where a token is not trained. */
    public double[][] logProbs() {
        double[][] out = new double[layout.count()][];
        for (int i = 0; i < out.length; i++) {
            out[i] = new double[layout.length(i)];
        }
        for (int t = 0; t < tokens.size(); t++) {
            out[demonstration(t)][position(t)] = tokens.logProb(t);
        }
        return out;
    }
}
