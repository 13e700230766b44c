package io.github.psft4j.transformer;

import io.github.psft4j.kernel.SequenceLayout;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a decoder reads.
 *
 * @param ids token ids, {@code [B * T]}
 * @param layout where the sequences lie in the rows
 */
record TokenInput(int[] ids, SequenceLayout layout) {

    /**
     * Reads features: {@code [B, T]} token ids, one sequence per row, or {@code [B, 2, T]}. The second channel then has
     * the number of each token's sequence, as {@link SequenceLayout#of} takes it.
     *
     * @throws IllegalArgumentException for another shape, and naming the row and position of a value that is not a
     *     whole number
     */
    static TokenInput of(INDArray features) {
        boolean packed = features.rank() == 3;
        if (features.rank() != 2 && !(packed && features.size(1) == 2)) {
            throw new IllegalArgumentException(
                    "the decoder reads token ids [B, T], or [B, 2, T] with the number of each"
                            + " token's sequence in channel 1, got shape " + Arrays.toString(features.shape()));
        }
        int batch = (int) features.size(0);
        int time = (int) features.size(packed ? 2 : 1);
        double[] values = features.dup('c').data().asDouble(); // [B, channels, T]
        int[] ids = channel(values, 0, packed ? 2 : 1, batch, time, "token id ");
        return new TokenInput(
                ids,
                packed
                        ? SequenceLayout.of(channel(values, 1, 2, batch, time, "sequence number "), batch, time)
                        : SequenceLayout.whole(batch, time));
    }

    private static int[] channel(double[] values, int channel, int channels, int batch, int time, String name) {
        int[] out = new int[batch * time];
        for (int i = 0; i < out.length; i++) {
            double value = values[(i / time * channels + channel) * time + i % time];
            out[i] = (int) value;
            if (out[i] != value) {
                throw new IllegalArgumentException(name + value + " at " + place(i, time) + " is not a whole number");
            }
        }
        return out;
    }

    /** Row and position of a token, for messages. */
    static String place(int token, int time) {
        return "sequence " + token / time + ", position " + token % time;
    }
}
