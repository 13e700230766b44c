package io.github.psft4j.spark;

import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Denominator;
import io.github.psft4j.loss.NonFiniteLossException;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.LocalReports;
import io.github.psft4j.policy.Reporting;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.spark.broadcast.Broadcast;

/** Evaluates slices; those behind a slice whose log-probs are not finite are not evaluated. */
final class ReportFunction extends ReplicaFunction<TaskData, SliceResult> {

    private static final long serialVersionUID = 1L;

    private final TokenObjective objective;
    private final Aggregation aggregation;
    private final long[] all; // tokens and sequences of all slices; null if each has its own

    ReportFunction(Recipe recipe, Broadcast<Weights> weights, Reporting how) {
        super(recipe, weights);
        this.objective = how.objective();
        this.aggregation = how.aggregation();
        this.all = how.all() == null
                ? null
                : new long[] {how.all().tokens(), how.all().sequences()};
    }

    @Override
    SliceResult[] of(CausalLm model, TaskData task) {
        SliceData[] slices = task.slices();
        SliceResult[] out = new SliceResult[slices.length];
        for (int i = 0; i < slices.length; i++) {
            Map<Column, IntFunction<double[]>> columns = new EnumMap<>(Column.class);
            slices[i].columns().forEach((column, values) -> columns.put(column, values::get));
            Reporting how = new Reporting(
                    objective, aggregation, all == null ? null : new Denominator(all[0], all[1]), columns);
            try {
                out[i] = new SliceResult(new ReportData(new LocalReports()
                        .reports(model, how, List.of(slices[i].slice()))
                        .get(0)));
            } catch (NonFiniteLossException e) {
                out[i] = new SliceResult(e.getMessage());
                return out;
            }
        }
        return out;
    }
}
