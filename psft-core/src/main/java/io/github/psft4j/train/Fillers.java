package io.github.psft4j.train;

import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.ValueObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.ValueHeads;
import io.github.psft4j.policy.DecoderSnapshot;
import io.github.psft4j.policy.SliceScores;
import io.github.psft4j.train.column.ColumnFiller;
import io.github.psft4j.train.column.OldLogProbs;
import io.github.psft4j.train.column.OldValues;
import io.github.psft4j.train.column.ReferenceScores;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.train.source.MacroBatchSource;
import io.github.psft4j.train.source.MiniBatch;
import io.github.psft4j.transformer.DecoderGraph;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Chooses the fillers of a run: of the columns that objective, critic and source need and the source does not fill. */
final class Fillers {

    private Fillers() {}

    /**
     * @param valued the critic with a trunk of its own; without one the policy, which may have a value head
     * @param trained what a mini-batch is trained with
     * @param scores where the snapshot pass is computed
     * @throws IllegalArgumentException naming the columns that nobody fills
     */
    static List<ColumnFiller> of(
            TrainerSettings settings,
            MacroBatchSource source,
            ReferenceScores references,
            MicroBatches micro,
            CausalLm valued,
            Function<MiniBatch, TokenObjective> trained,
            SliceScores scores) {
        TokenObjective objective = settings.goal().objective();
        Set<Column> needed = EnumSet.noneOf(Column.class);
        needed.addAll(objective.columns());
        needed.addAll(source.reads());
        if (!DecoderGraph.output(valued.graph()).logits()) {
            needed.addAll(new ValueObjective().columns());
        }
        needed.removeAll(source.fills());
        List<ColumnFiller> all = new ArrayList<>();
        all.add(new OldLogProbs(
                settings.goal().refresh(),
                new DecoderSnapshot(micro, source.temperature(), scores),
                source.sequences(),
                mini -> trained.apply(mini).columns().contains(Column.OLD_LOG_PROB),
                source.reads().contains(Column.OLD_LOG_PROB)));
        all.add(references);
        if (ValueHeads.has(valued)) {
            all.add(new OldValues(valued, micro));
        }
        List<ColumnFiller> used =
                all.stream().filter(filler -> needed.remove(filler.column())).toList();
        if (needed.contains(Column.OLD_VALUE)) {
            throw new IllegalArgumentException("advantages by GAE need a critic, and there is none; train"
                    + " ValueHeads.shared(model), or give the trainer critic(ValueHeads.separate(model), ...)");
        }
        if (!needed.isEmpty()) {
            throw new IllegalArgumentException("objective " + objective.name() + " needs label columns " + needed
                    + ", which " + source.getClass().getSimpleName() + " does not fill");
        }
        return used;
    }
}
