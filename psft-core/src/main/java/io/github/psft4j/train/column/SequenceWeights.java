package io.github.psft4j.train.column;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.Column;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MiniBatch;
import java.util.Arrays;
import java.util.Map;

/** The weights that sequences carry; those without any weigh 1. */
public final class SequenceWeights implements ColumnFiller {

    @Override
    public Column column() {
        return Column.WEIGHT;
    }

    @Override
    public void fill(MacroBatch macro, CausalLm policy) {
        Map<Integer, double[]> values = macro.column(column());
        for (MiniBatch batch : macro.miniBatches()) {
            for (int i = 0; i < batch.numbers().length; i++) {
                Demonstration sequence = batch.sequences().get(i);
                if (sequence.weights() != null) {
                    values.putIfAbsent(
                            batch.numbers()[i], Arrays.copyOfRange(sequence.weights(), 1, sequence.length()));
                }
            }
        }
    }
}
