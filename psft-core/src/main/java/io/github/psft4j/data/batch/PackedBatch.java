package io.github.psft4j.data.batch;

import io.github.psft4j.kernel.Segments;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Demonstrations laid out in rows as {@link Packing} says, as arrays for a decoder. Where {@link PaddedBatch} gives every
 * demonstration a row, here several may share one; they do not see each other, because the features say which token belongs to which.
 */
public final class PackedBatch {

    private PackedBatch() {}

    /** Best-fit decreasing into rows of at most the given length. */
    public static MultiDataSet of(List<Demonstration> demonstrations, int channels, int maxTokensPerRow) {
        return of(demonstrations, Packing.packed(demonstrations, maxTokensPerRow), channels);
    }

    /**
     * Features {@code [B, 2, T]}: token ids, and the number of each token's demonstration, -1 and id 0 for padding; {@code [B, T]}
     * token ids if every demonstration fills a row. Labels {@code [B, channels, T]} with the next token's id in channel 0 and zeros in
     * the others, label mask {@code [B, T]}. All FLOAT, which holds ids exactly up to 2^24.
     *
     * @param layout sequence i is demonstration i without its last token
     */
    public static MultiDataSet of(List<Demonstration> demonstrations, Segments layout, int channels) {
        int time = layout.time();
        int n = layout.batch() * time;
        boolean whole = layout.isWhole();
        float[] features = new float[whole ? n : 2 * n]; // [B, 1 or 2, T]
        float[] labels = new float[channels * n]; // [B, C, T]
        float[] mask = new float[n]; // [B, T]
        for (int row = 0; row < n; row++) {
            int b = row / time;
            int t = row % time;
            int sequence = layout.sequence(row);
            if (!whole) {
                features[(2 * b + 1) * time + t] = sequence;
            }
            if (sequence == Segments.PADDING) {
                continue;
            }
            Demonstration d = demonstrations.get(sequence);
            int position = row - layout.start(sequence);
            features[(whole ? b : 2 * b) * time + t] = d.tokens()[position];
            labels[channels * b * time + t] = d.tokens()[position + 1];
            mask[row] = d.lossMask()[position + 1] ? 1 : 0;
        }
        long[] shape = whole ? new long[] {layout.batch(), time} : new long[] {layout.batch(), 2, time};
        return new MultiDataSet(
                new INDArray[] {array(features, shape)},
                new INDArray[] {array(labels, layout.batch(), channels, time)},
                null,
                new INDArray[] {array(mask, layout.batch(), time)});
    }

    private static INDArray array(float[] values, long... shape) {
        return Nd4j.create(values, shape, 'c').castTo(DataType.FLOAT);
    }
}
