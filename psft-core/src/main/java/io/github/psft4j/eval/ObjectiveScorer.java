package io.github.psft4j.eval;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.LazyList;
import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.batch.Packing;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Denominator;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.Reporting;
import io.github.psft4j.policy.SliceReports;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** What an objective is worth on given sequences, without gradients: its loss, and what it measures as well. */
public final class ObjectiveScorer {

    private final CausalLm model;
    private final TokenObjective objective;
    private final int batch;

    /**
     * @param batch sequences per forward pass; rounded up to whole pairs
     * @throws IllegalArgumentException for an objective that needs the whole distribution of a reference
     */
    public ObjectiveScorer(CausalLm model, TokenObjective objective, int batch) {
        if (objective.needs().dense()) {
            throw new IllegalArgumentException("objective " + objective.name()
                    + " looks at whole distributions, which an evaluation does not keep; evaluate its NLL");
        }
        int together = objective.neighbours();
        this.objective = objective;
        this.model = model;
        this.batch = (batch + together - 1) / together * together;
    }

    /**
     * Loss and measures, over all sequences at once.
     *
     * @param sequences pairs stay neighbours
     * @param columns of the objective, per sequence: {@code [length - 1]} each
     * @param reports compute the passes; what they give is added in the order of the sequences
     */
    public LossReport report(List<Demonstration> sequences, Map<Column, List<double[]>> columns, SliceReports reports) {
        long tokens = 0;
        long trained = 0;
        for (Demonstration sequence : sequences) {
            tokens += sequence.trainedTokens();
            trained += sequence.trainedTokens() > 0 ? 1 : 0;
        }
        Denominator all = new Denominator(tokens, trained);
        Map<Column, IntFunction<double[]>> values = new EnumMap<>(Column.class);
        objective.columns().forEach(column -> values.put(column, columns.get(column)::get));
        int n = sequences.size();
        List<MicroBatch> slices = new LazyList<>((n + batch - 1) / batch, i -> {
            int[] numbers =
                    IntStream.range(i * batch, Math.min(n, (i + 1) * batch)).toArray();
            List<Demonstration> part =
                    IntStream.of(numbers).mapToObj(sequences::get).toList();
            return new MicroBatch(numbers, part, Packing.onePerRow(part));
        });
        Reporting how = new Reporting(objective, objective.aggregation(), all, values);
        return reports.reports(model, how, slices).stream().reduce(LossReport.EMPTY, LossReport::plus);
    }
}
