package io.github.psft4j.eval;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.LazyList;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.data.batch.Packing;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Denominator;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.LossSweep;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.LogProbPass;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What an objective is worth on given sequences, without gradients: its loss, and what it measures as well. */
public final class ObjectiveScorer {

    private final TokenObjective objective;
    private final LogProbPass pass;
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
        this.pass = new LogProbPass(model.graph(), model.config());
        this.batch = (batch + together - 1) / together * together;
    }

    /**
     * Loss and measures, over all sequences at once.
     *
     * @param sequences pairs stay neighbours
     * @param columns of the objective, per sequence: {@code [length - 1]} each
     */
    public LossReport report(List<Demonstration> sequences, Map<Column, List<double[]>> columns) {
        long tokens = 0;
        long trained = 0;
        for (Demonstration sequence : sequences) {
            tokens += sequence.trainedTokens();
            trained += sequence.trainedTokens() > 0 ? 1 : 0;
        }
        Denominator all = new Denominator(tokens, trained);
        LossReport total = LossReport.EMPTY;
        for (int from = 0; from < sequences.size(); from += batch) {
            int to = Math.min(sequences.size(), from + batch);
            int first = from;
            List<Demonstration> part =
                    IntStream.range(from, to).mapToObj(sequences::get).toList();
            Map<Column, List<double[]>> values = new EnumMap<>(Column.class);
            objective
                    .columns()
                    .forEach(column -> values.put(
                            column,
                            new LazyList<>(to - first, i -> columns.get(column).get(first + i))));
            PackedTokens rows = PackedTokens.of(part, Packing.onePerRow(part)).with(values);
            pass.run(rows.ids(), rows.layout(), rows.tokens());
            LossSweep sweep = new LossSweep(objective, objective.aggregation(), all, rows.tokens());
            sweep.accept(0, rows.tokens().size());
            total = total.plus(sweep.report());
        }
        return total;
    }
}
