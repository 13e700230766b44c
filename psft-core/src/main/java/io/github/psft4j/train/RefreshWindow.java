package io.github.psft4j.train;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.RefreshSchedule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The mini-batches from one refresh of pi_old to the next, in the order of training, with pi_old of those that need it. */
final class RefreshWindow {

    private final TrainerSettings settings;
    private final TrainingPlan plan;
    private final int size; // demonstrations
    private final DataOrder stream;
    private final OldLogProbs old;
    private final Deque<DataOrder.MiniBatch> batches = new ArrayDeque<>();

    RefreshWindow(CausalLm model, TrainerSettings settings, List<Demonstration> data, TrainingPlan plan) {
        this.settings = settings;
        this.plan = plan;
        this.size = data.size();
        this.stream = new DataOrder(
                size,
                settings.batch().macroBatch(),
                settings.batch().miniBatch(),
                settings.order().shuffle(),
                settings.order().seed(),
                settings.goal().objective().scope() == Scope.PAIR ? 2 : 1);
        this.old = new OldLogProbs(model, settings, data);
    }

    /** Before the first step of a new run: a reference that never changes is the model as it is now. */
    void freezeFixedReference() {
        if (settings.goal().refresh().isNever() && needsOld(settings.goal().objective())) {
            old.freeze(IntStream.range(0, size).toArray());
        }
    }

    /** Goes on where a run stood, with the log-probs that it had frozen. */
    void restore(RunState at, Map<Integer, double[]> frozen) {
        old.restore(frozen);
        stream.skip(at.drawn() - at.remaining());
        for (int i = 0; i < at.remaining(); i++) {
            batches.add(stream.next());
        }
    }

    /**
     * The next mini-batch.
     *
     * @param step optimizer steps taken
     */
    DataOrder.MiniBatch next(int step) {
        if (batches.isEmpty()) {
            refresh(plan.totalSteps() - step);
        }
        return batches.removeFirst();
    }

    private void refresh(int remainingSteps) {
        RefreshSchedule refresh = settings.goal().refresh();
        List<DataOrder.MiniBatch> drawn = new ArrayList<>();
        boolean full;
        do {
            drawn.add(stream.next());
            full = refresh.isEveryMacroBatch() ? stream.atMacroStart() : drawn.size() >= refresh.steps();
        } while (!full && drawn.size() < remainingSteps);
        batches.addAll(drawn);
        if (refresh.isNever()) {
            return;
        }
        old.beginWindow();
        for (int i = 1; i < drawn.size(); i++) { // no weight changes before the first one is trained: r = 1
            if (needsOld(objective(drawn.get(i)))) {
                old.freeze(drawn.get(i).indices());
            }
        }
    }

    /** What a mini-batch is trained with: plain SFT during the warm-up. */
    TokenObjective objective(DataOrder.MiniBatch batch) {
        return batch.macroStep() <= plan.warmupMacroSteps()
                ? new SftObjective()
                : settings.goal().objective();
    }

    /** pi_old for an objective, null if it takes none. */
    OldLogProbs old(TokenObjective objective) {
        return needsOld(objective) ? old : null;
    }

    private static boolean needsOld(TokenObjective objective) {
        return objective.columns().contains(Column.OLD_LOG_PROB);
    }

    /** Mini-batches taken from the data, those that are still to be trained included. */
    int drawn() {
        return stream.drawn();
    }

    /** Mini-batches that are still to be trained before the next refresh. */
    int remaining() {
        return batches.size();
    }

    /** The frozen log-probs that later steps read, by demonstration. */
    Map<Integer, double[]> frozen() {
        return old.frozen(
                settings.goal().refresh().isNever()
                        ? IntStream.range(0, size).toArray()
                        : batches.stream()
                                .flatMapToInt(b -> Arrays.stream(b.indices()))
                                .toArray());
    }
}
