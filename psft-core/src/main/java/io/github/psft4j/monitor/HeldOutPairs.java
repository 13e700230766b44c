package io.github.psft4j.monitor;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.LazyList;
import io.github.psft4j.eval.ObjectiveScorer;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.SliceReports;
import io.github.psft4j.train.source.UnpairedAnswers;
import io.github.psft4j.train.source.UnpairedSource;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Held-out preferences, with the log-probs of the model that they are compared with. */
final class HeldOutPairs {

    private final CausalLm model;
    private final List<Demonstration> heldOut;
    private final TokenObjective objective;
    private final Map<Column, List<double[]>> columns = new EnumMap<>(Column.class);

    /** @throws IllegalArgumentException if a sequence has no partner */
    HeldOutPairs(CausalLm model, List<Demonstration> heldOut, TokenObjective objective) {
        if (heldOut.size() % objective.neighbours() != 0) {
            throw new IllegalArgumentException("objective " + objective.name() + " is evaluated on pairs, but "
                    + heldOut.size() + " sequences are held out");
        }
        this.model = model;
        this.heldOut = heldOut;
        this.objective = objective;
        if (heldOut instanceof UnpairedAnswers answers) {
            columns.put(Column.ADVANTAGE, new LazyList<>(answers.size(), i -> UnpairedSource.label(answers, i)));
        }
    }

    void compareWith(Function<List<Demonstration>, double[][]> scores) {
        columns.put(Column.REF_LOG_PROB, Arrays.asList(scores.apply(heldOut)));
    }

    /** @throws IllegalStateException if the objective needs a column that is not there */
    LossReport report(int batch, SliceReports reports) {
        for (Column column : objective.columns()) {
            if (!columns.containsKey(column)) {
                throw new IllegalStateException("objective " + objective.name() + " cannot be evaluated without "
                        + column + "; add the evaluation to the listeners of a trainer of the same objective");
            }
        }
        return new ObjectiveScorer(model, objective, batch).report(heldOut, columns, reports);
    }
}
