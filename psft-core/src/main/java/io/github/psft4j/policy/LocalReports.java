package io.github.psft4j.policy;

import io.github.psft4j.data.batch.LazyList;
import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.LossSweep;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.LogProbPass;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Evaluates by passes without gradients in this process, one slice after the other. */
public final class LocalReports implements SliceReports {

    @Override
    public List<LossReport> reports(CausalLm model, Reporting how, List<MicroBatch> slices) {
        LogProbPass pass = new LogProbPass(model.graph(), model.config());
        List<LossReport> out = new ArrayList<>();
        for (MicroBatch slice : slices) {
            PackedTokens rows =
                    PackedTokens.of(slice.sequences(), slice.layout()).with(columns(how, slice));
            pass.run(rows.ids(), rows.layout(), rows.tokens());
            LossSweep sweep = new LossSweep(how.objective(), how.aggregation(), how.all(), rows.tokens());
            sweep.accept(0, rows.tokens().size());
            out.add(sweep.report());
        }
        return out;
    }

    /** Those of the objective, per sequence of the slice. */
    private static Map<Column, List<double[]>> columns(Reporting how, MicroBatch slice) {
        Map<Column, List<double[]>> out = new EnumMap<>(Column.class);
        int[] numbers = slice.numbers();
        how.objective()
                .columns()
                .forEach(column -> out.put(
                        column,
                        new LazyList<>(
                                numbers.length, i -> how.columns().get(column).apply(numbers[i]))));
        return out;
    }
}
