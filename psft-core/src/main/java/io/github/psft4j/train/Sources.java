package io.github.psft4j.train;

import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.train.settings.Order;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.train.source.DataOrder;
import io.github.psft4j.train.source.DemonstrationSource;
import io.github.psft4j.train.source.MacroBatchSource;
import io.github.psft4j.train.source.PairSource;
import io.github.psft4j.train.source.UnpairedAnswers;
import io.github.psft4j.train.source.UnpairedSource;
import java.util.List;

/** The source of given sequences that an objective needs: demonstrations, pairs, or answers with a label. */
final class Sources {

    private Sources() {}

    static MacroBatchSource of(List<Demonstration> data, TrainerSettings settings) {
        TokenObjective objective = settings.goal().objective();
        List<Demonstration> sequences = data;
        boolean labelled = Layouts.isLabelled(objective);
        if (data instanceof DemonstrationSet set) {
            Layouts.require(objective, set.report().layout());
            if (labelled) {
                sequences = UnpairedAnswers.of(set, settings.batch().miniBatch() / 2);
            }
        }
        Order order = settings.order();
        int macro = settings.batch().macroBatch();
        int mini = settings.batch().miniBatch();
        if (sequences instanceof UnpairedAnswers answers) {
            return new UnpairedSource(answers, macro, mini, settings.goal().refresh(), order.shuffle(), order.seed());
        }
        return objective.neighbours() == 2 && !labelled
                ? new PairSource(sequences, macro, mini, settings.goal().refresh(), order.shuffle(), order.seed())
                : new DemonstrationSource(
                        sequences,
                        macro,
                        mini,
                        settings.goal().refresh(),
                        new DataOrder(order.shuffle(), order.seed(), objective.neighbours()));
    }
}
