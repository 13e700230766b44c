package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.event.Evaluation;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TinyRuns;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingSummary;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A listener can end a run, and the ready one does when the held-out NLL has stopped falling. */
class EarlyStoppingTest {

    @TempDir
    private Path dir;

    @Test
    void patienceCountsEvaluationsInARowThatAreNotLowerByMinDelta() {
        assertEquals(Optional.empty(), fresh(0.1, 3, 2.95, 2.5, 2.45).stopReason(), "2.95 is not lower by 0.1, 2.5 is");
        assertEquals(
                "the held-out NLL has not fallen by more than 0.1000 in 2 evaluations, since step 20"
                        + " (2.5000 nats/token)",
                fresh(0.1, 3, 2.95, 2.5, 2.45, 2.41).stopReason().orElseThrow());
        assertTrue(fresh(0, 3, Double.NaN, Double.NaN).stopReason().isPresent(), "not a number is no progress");
        assertThrows(IllegalArgumentException.class, () -> new EarlyStopping(0, 0));
        assertThrows(IllegalArgumentException.class, () -> new EarlyStopping(1, -1));
    }

    private static EarlyStopping fresh(double minDelta, double... nlls) {
        EarlyStopping stopping = new EarlyStopping(2, minDelta);
        for (int i = 0; i < nlls.length; i++) {
            stopping.onEvaluation(new Evaluation(10 * i, nlls[i], 1, 5, 0.1, List.of()));
        }
        return stopping;
    }

    @Test
    void listenerEndsARunAfterItsStepWithCheckpointAndReason() {
        List<TrainingSummary> ended = new ArrayList<>();
        TrainerListener third = new TrainerListener() {
            private int step;

            @Override
            public void onStep(StepMetrics metrics) {
                step = metrics.step();
            }

            @Override
            public Optional<String> stopReason() {
                return step < 3 ? Optional.empty() : Optional.of("enough");
            }

            @Override
            public void onEnd(TrainingSummary summary) {
                ended.add(summary);
            }
        };
        TrainingSummary summary = TinyRuns.trainer(TinyRuns.model())
                .listener(Listeners.keepTraining(third))
                .checkpoints(CheckpointPolicy.every(100, dir))
                .build()
                .fit(TinyRuns.demonstrations(24, 5));
        assertEquals(3, summary.steps());
        assertTrue(summary.stopped());
        assertEquals("enough", summary.reason());
        assertEquals(List.of(summary), ended);
        assertTrue(Files.exists(new CheckpointStore(dir).directory(3)));
        TrainingSummary whole = TinyRuns.trainer(TinyRuns.model()).build().fit(TinyRuns.demonstrations(24, 5));
        assertNull(whole.reason());
        assertFalse(whole.stopped());
    }

    private TrainerBuilder run(CausalLm model, Path runDir) {
        HeldOutEvaluation evaluation =
                new HeldOutEvaluation(model, TinyRuns.demonstrations(6, 77), 2, runDir.resolve("eval.jsonl"));
        EarlyStopping stopping = new EarlyStopping(3, 0, runDir.resolve("eval.jsonl"));
        evaluation.tell(stopping);
        return TinyRuns.trainer(model)
                .epochs(20)
                .listener(stopping)
                .listener(evaluation)
                .checkpoints(CheckpointPolicy.every(2, runDir)
                        .keep(100, 0)
                        .bestBy(metrics -> evaluation.nllAt(metrics.step())));
    }

    @Test
    void resumedRunEndsWhereTheUninterruptedOneEnds() throws IOException {
        TrainingSummary whole =
                run(TinyRuns.model(), dir.resolve("whole")).build().fit(TinyRuns.demonstrations(24, 5));
        assertTrue(whole.steps() < 240 && whole.reason() != null, whole.toString());
        int cut = whole.steps() - 2; // in the middle of the patience
        CausalLm model = TinyRuns.model();
        TrainingSummary part =
                run(model, dir.resolve("part")).maxSteps(cut).build().fit(TinyRuns.demonstrations(24, 5));
        assertEquals(cut, part.steps());
        TrainingSummary rest =
                run(model, dir.resolve("part")).resumeNewest().build().fit(TinyRuns.demonstrations(24, 5));
        assertEquals(whole.steps(), rest.steps());
        assertEquals(whole.reason(), rest.reason());
    }

    @Test
    void bestCheckpointIsTheOneWithTheLowestHeldOutNll() throws IOException {
        run(TinyRuns.model(), dir).build().fit(TinyRuns.demonstrations(24, 5));
        int best = -1;
        double lowest = Double.POSITIVE_INFINITY;
        for (String line : Files.readAllLines(dir.resolve("eval.jsonl"))) {
            JsonNode evaluation = new ObjectMapper().readTree(line);
            int step = evaluation.get("step").intValue();
            if (step > 0 && evaluation.get("nll").doubleValue() < lowest) {
                lowest = evaluation.get("nll").doubleValue();
                best = step;
            }
        }
        CheckpointStore store = new CheckpointStore(dir);
        assertEquals(Optional.of(store.directory(best)), store.best());
        assertEquals(Optional.empty(), new CheckpointStore(dir.resolve("none")).best());
    }
}
