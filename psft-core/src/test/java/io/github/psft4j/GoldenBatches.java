package io.github.psft4j;

import io.github.psft4j.data.Demonstration;
import io.github.psft4j.hub.SafetensorsReader;
import java.util.ArrayList;
import java.util.List;

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
}
