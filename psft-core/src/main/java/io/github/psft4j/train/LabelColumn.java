package io.github.psft4j.train;

import io.github.psft4j.kernel.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Fills one channel of fresh dense labels {@code [B, C, T]}, sequence by sequence, wherever the layout put them. */
final class LabelColumn {

    /** Values of one sequence. */
    interface Values {
        /** Value at the row that predicts token t + 1 of sequence i. */
        double at(int i, int t);
    }

    private LabelColumn() {}

    static void write(SequenceLayout layout, INDArray labels, int channel, Values values) {
        DataBuffer data = labels.data();
        long channels = labels.size(1);
        long time = labels.size(2);
        for (int i = 0; i < layout.count(); i++) {
            long row = layout.start(i) / time;
            long at = (row * channels + channel) * time + layout.start(i) % time;
            for (int t = 0; t < layout.length(i); t++) {
                data.put(at + t, values.at(i, t));
            }
        }
    }
}
