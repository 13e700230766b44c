package io.github.psft4j.data.batch;

import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Demonstrations side by side, padded on the right to the longest: position t of the network's input is token t, its
 * label is token t + 1. Padding needs no attention mask, because a causal decoder never looks to the right, and no
 * loss, because the label mask is 0 there.
 */
public final class PaddedBatch {

    private PaddedBatch() {}

    /**
     * Features {@code [B, T]} (token ids), labels {@code [B, channels, T]} with the next token's id in channel 0 and
     * zeros in the others, label mask {@code [B, T]}; T is the longest demonstration less one. All FLOAT, which holds
     * ids exactly up to 2^24.
     */
    public static MultiDataSet of(List<Demonstration> demonstrations, int channels) {
        int batch = demonstrations.size();
        int time = 0;
        for (Demonstration d : demonstrations) {
            time = Math.max(time, d.length() - 1);
        }
        float[] ids = new float[batch * time]; // [B, T]
        float[] labels = new float[batch * channels * time]; // [B, C, T]
        float[] mask = new float[batch * time]; // [B, T]
        for (int b = 0; b < batch; b++) {
            Demonstration d = demonstrations.get(b);
            for (int t = 0; t < d.length() - 1; t++) {
                ids[b * time + t] = d.tokens()[t];
                labels[b * channels * time + t] = d.tokens()[t + 1];
                mask[b * time + t] = d.lossMask()[t + 1] ? 1 : 0;
            }
        }
        return new MultiDataSet(
                new INDArray[] {array(ids, batch, time)},
                new INDArray[] {array(labels, batch, channels, time)},
                null,
                new INDArray[] {array(mask, batch, time)});
    }

    private static INDArray array(float[] values, long... shape) {
        return Nd4j.create(values, shape, 'c').castTo(DataType.FLOAT);
    }
}
