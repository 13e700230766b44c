package io.github.psft4j.transformer;

import io.github.psft4j.kernel.SequenceLayout;
import java.util.Arrays;
import java.util.stream.IntStream;
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
     * the number of each token's sequence, as {@link SequenceLayout#of} takes it. A third channel {@code [B, 3, T]} has
     * how many tokens its sequence shares with an earlier one; see {@link SequenceLayout#sharing}.
     *
     * @throws IllegalArgumentException for another shape, and naming the row and position of a value that is not a
     *     whole number
     */
    static TokenInput of(INDArray features) {
        boolean packed = features.rank() == 3;
        int channels = packed ? (int) features.size(1) : 1;
        if (features.rank() != 2 && !(packed && (channels == 2 || channels == 3))) {
            throw new IllegalArgumentException(
                    "the decoder reads token ids [B, T], or [B, 2, T] with the number of each token's sequence in"
                            + " channel 1, or [B, 3, T] with the number of tokens that this shares in channel 2, got"
                            + " shape " + Arrays.toString(features.shape()));
        }
        int batch = (int) features.size(0);
        int time = (int) features.size(packed ? 2 : 1);
        double[] values = features.dup('c').data().asDouble(); // [B, channels, T]
        int[] ids = channel(values, 0, channels, batch, time, "token id ");
        SequenceLayout layout = packed
                ? SequenceLayout.of(channel(values, 1, channels, batch, time, "sequence number "), batch, time)
                : SequenceLayout.whole(batch, time);
        if (channels == 3) {
            int[] shared = channel(values, 2, channels, batch, time, "number of shared tokens ");
            layout = layout.sharing(IntStream.range(0, layout.count())
                    .map(layout::start)
                    .map(row -> shared[row])
                    .toArray());
        }
        return new TokenInput(ids, layout);
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
