package io.github.psft4j;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Batches of the golden files as demonstrations. */
public final class GoldenBatches {

    private GoldenBatches() {}

    /**
     * Rows of a padded batch without their padding.
     *
     * @param prefix of the tensors input_ids, attention_mask and loss_mask
     */
    public static List<Demonstration> demonstrations(SafetensorsReader golden, String prefix) {
        int[] ids = golden.readInts(prefix + "input_ids"); // [B, T]
        int[] attention = golden.readInts(prefix + "attention_mask");
        float[] mask = golden.readFloats(prefix + "loss_mask");
        int time = (int) golden.info(prefix + "input_ids").shape()[1];
        List<Demonstration> out = new ArrayList<>();
        for (int b = 0; b < ids.length / time; b++) {
            int length = 0;
            while (length < time && attention[b * time + length] == 1) {
                length++;
            }
            int[] tokens = new int[length];
            boolean[] trained = new boolean[length];
            for (int t = 0; t < length; t++) {
                tokens[t] = ids[b * time + t];
                trained[t] = mask[b * time + t] == 1;
            }
            out.add(new Demonstration(tokens, trained));
        }
        return out;
    }

    /**
     * The first batch, padded to its full length T as the reference saw it: features {@code [B, T]}, labels {@code [B,
     * C, T]} (the next token, the old log-prob in channel 1 if there is one), label mask {@code [B, T]}, 0 at the last
     * position.
     */
    public static MultiDataSet batch(SafetensorsReader golden, int channels, DataType type) {
        int[] ids = golden.readInts("input_ids"); // [B, T]
        float[] mask = golden.readFloats("loss_mask");
        int time = (int) golden.info("input_ids").shape()[1];
        int batch = ids.length / time;
        INDArray features = Nd4j.create(type, new long[] {batch, time}, 'c');
        INDArray labels = Nd4j.create(type, new long[] {batch, channels, time}, 'c');
        INDArray labelMask = Nd4j.create(type, new long[] {batch, time}, 'c');
        float[] old = channels == 2 ? golden.readFloats("old_logprob") : null; // [B, T - 1]
        for (int b = 0; b < batch; b++) {
            for (int t = 0; t < time; t++) {
                features.putScalar(b, t, ids[b * time + t]);
            }
            for (int t = 0; t + 1 < time; t++) {
                labels.putScalar(new int[] {b, 0, t}, ids[b * time + t + 1]);
                labelMask.putScalar(b, t, mask[b * time + t + 1]);
                if (old != null) {
                    labels.putScalar(new int[] {b, 1, t}, old[b * (time - 1) + t]);
                }
            }
        }
        return new MultiDataSet(new INDArray[] {features}, new INDArray[] {labels}, null, new INDArray[] {labelMask});
    }

    /** The rows of a batch so many times, one after the other. */
    public static MultiDataSet repeated(MultiDataSet batch, int times) {
        return new MultiDataSet(
                new INDArray[] {Nd4j.tile(batch.getFeatures(0), times, 1)},
                new INDArray[] {Nd4j.tile(batch.getLabels(0), times, 1, 1)},
                null,
                new INDArray[] {Nd4j.tile(batch.getLabelsMaskArray(0), times, 1)});
    }
}
