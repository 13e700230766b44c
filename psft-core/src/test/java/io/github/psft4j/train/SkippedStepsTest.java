package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.faults.FaultyFiles;
import io.github.psft4j.faults.FileOperation.Kind;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.DecoderSnapshot;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.checkpoint.CheckpointWriteException;
import io.github.psft4j.train.checkpoint.Manifest;
import io.github.psft4j.train.settings.TrainerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a step that is not finite leaves behind: no weight, no measurement, no best checkpoint; and several of them in a
 * row.
 */
class SkippedStepsTest {

    private static final Set<Kind> WRITING = Set.of(Kind.WRITE, Kind.WRITE_REST);

    private final TinyRuns.Recorder recorder = new TinyRuns.Recorder();

    @TempDir
    Path dir;

    @Test
    void aStepThatWasNotMeasuredReportsNoNumberInsteadOfZero() {
        Demonstration untrained = new Demonstration(new int[] {1, 2, 3}, new boolean[3]);
        List<Demonstration> data = new ArrayList<>(Overflowing.demonstrations(4, 1));
        data.addAll(List.of(untrained, untrained));
        Overflowing.trainer(Overflowing.model())
                .objective(new SftObjective())
                .listener(recorder)
                .build()
                .fit(data);
        for (StepMetrics m : List.of(recorder.steps.get(0), recorder.steps.get(2))) {
            List<ToDoubleFunction<StepMetrics>> measured = List.of(
                    StepMetrics::loss,
                    StepMetrics::nll,
                    StepMetrics::entropy,
                    StepMetrics::meanRatio,
                    StepMetrics::clipFraction,
                    StepMetrics::approxKl,
                    StepMetrics::meanCoefficient);
            for (ToDoubleFunction<StepMetrics> field : measured) {
                assertEquals(Double.NaN, field.applyAsDouble(m), m.toString());
            }
            assertEquals(0, m.tokens());
        }
        assertTrue(recorder.steps.get(1).nll() > 0);
        assertEquals(1, recorder.steps.get(2).skipped()); // a batch without trained tokens is not skipped
    }

    @Test
    void aSkippedStepIsNeverTheBestCheckpoint() {
        Overflowing.trainer(Overflowing.model())
                .objective(new SftObjective())
                .listener(recorder)
                .checkpoints(CheckpointPolicy.every(1, dir).keep(1, 0).bestBy(StepMetrics::nll))
                .build()
                .fit(Overflowing.demonstrations(16, 5)); // step 3
        double best = recorder.steps.stream()
                .filter(m -> m.tokens() > 0)
                .mapToDouble(StepMetrics::nll)
                .min()
                .orElseThrow();
        int step = recorder.steps.stream()
                .filter(m -> m.nll() == best)
                .findFirst()
                .orElseThrow()
                .step();
        Map<Integer, Double> kept =
                new CheckpointStore(dir).list().stream().collect(Collectors.toMap(Manifest::step, Manifest::metric));
        assertEquals(Set.of(step, 8), kept.keySet());
        assertEquals(best, kept.get(step));
    }

    @Test
    void theEmergencyCheckpointHasTheMetricOfItsOwnStepWhichIsNone() {
        PsftTrainer trainer = Overflowing.trainer(Overflowing.model())
                .maxSkippedInARow(1)
                .checkpoints(CheckpointPolicy.every(100, dir).bestBy(StepMetrics::nll))
                .listener(recorder)
                .build();
        assertThrows(TrainingDivergedException.class, () -> trainer.fit(Overflowing.demonstrations(16, 5)));
        Manifest emergency = new CheckpointStore(dir).list().get(0);
        assertEquals(3, emergency.step());
        assertNull(emergency.metric(), "step 2 has one");
        assertEquals(3, recorder.steps.size(), "the last step is recorded: a resume goes on behind it");
    }

    @Test
    void anEmergencyCheckpointThatCannotBeWrittenDoesNotHideThatTrainingDiverged() {
        Path full = FaultyFiles.wrap(dir, operation -> {
            if (WRITING.contains(operation.kind()) && !operation.path().endsWith(".lock")) {
                throw new IOException("No space left on device");
            }
        });
        for (CheckpointPolicy policy : List.of(
                CheckpointPolicy.every(100, full),
                CheckpointPolicy.every(100, full).synchronous())) {
            PsftTrainer trainer = Overflowing.trainer(Overflowing.model())
                    .maxSkippedInARow(2)
                    .checkpoints(policy)
                    .build();
            TrainingDivergedException e = assertThrows(
                    TrainingDivergedException.class, () -> trainer.fit(Overflowing.demonstrations(16, 3, 5)));
            assertEquals(1, e.getSuppressed().length);
            assertInstanceOf(CheckpointWriteException.class, e.getSuppressed()[0]);
        }
    }

    /** The fault is in the third, fourth or second mini-batch of its window: the snapshot pass meets it first. */
    @ParameterizedTest
    @ValueSource(strings = {"macro", "3", "never"})
    void aDemonstrationThatOverflowsCostsPsftOneStepAsItDoesSft(String refresh) {
        RefreshSchedule schedule = switch (refresh) {
            case "macro" -> RefreshSchedule.everyMacroBatch();
            case "never" -> RefreshSchedule.never();
            default -> RefreshSchedule.everySteps(Integer.parseInt(refresh));
        };
        List<Demonstration> data = Overflowing.demonstrations(24, 5, 15, 19);
        List<Integer> sft = skipped(b -> b.objective(new SftObjective()), data);
        assertEquals(List.of(3, 8, 10), sft);
        assertEquals(sft, skipped(b -> b.refresh(schedule), data));
        int perWindow = switch (refresh) {
            case "macro" -> 4;
            case "never" -> 12;
            default -> 3;
        };
        boolean weightsMoved = false;
        for (StepMetrics m : recorder.steps) {
            weightsMoved &= (m.step() - 1) % perWindow != 0;
            if (m.tokens() > 0) {
                assertEquals(weightsMoved, m.meanRatio() != 1, "the others keep their snapshot: step " + m.step());
                weightsMoved = true;
            }
        }
    }

    @Test
    void aMicroBatchThatOverflowsCostsOnlyTheDemonstrationsAtFaultTheirSnapshot() {
        CausalLm model = Overflowing.model();
        TrainerSettings settings =
                Overflowing.trainer(model).miniBatch(8).build().settings();
        int[] all = {0, 1, 2, 3, 4, 5, 6, 7};
        Map<Integer, double[]> frozen = new HashMap<>();
        new DecoderSnapshot(TrainingPlan.microBatches(settings, false))
                .freeze(model, all, Overflowing.demonstrations(8, 2, 5), frozen);
        assertEquals(Set.of(0, 1, 3, 4, 6, 7), frozen.keySet());
    }

    private List<Integer> skipped(UnaryOperator<TrainerBuilder> change, List<Demonstration> data) {
        recorder.steps.clear();
        change.apply(Overflowing.trainer(Overflowing.model()).listener(recorder))
                .build()
                .fit(data);
        assertEquals(12, recorder.steps.size());
        return recorder.steps.stream()
                .filter(m -> m.tokens() == 0)
                .map(StepMetrics::step)
                .toList();
    }

    @Test
    void aModelOfNothingButNaNEndsByTheRulesWhateverTheWindow() {
        for (RefreshSchedule refresh : List.of(RefreshSchedule.everyMacroBatch(), RefreshSchedule.never())) {
            CausalLm model = Overflowing.model();
            model.graph().params().assign(Double.NaN);
            PsftTrainer trainer = Overflowing.trainer(model)
                    .refresh(refresh)
                    .maxSkippedInARow(3)
                    .listener(recorder)
                    .build();
            TrainingDivergedException e =
                    assertThrows(TrainingDivergedException.class, () -> trainer.fit(Overflowing.demonstrations(16)));
            assertTrue(e.getMessage().contains("3 steps in a row"), e.getMessage());
        }
        assertTrue(recorder.closed);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRunWithoutTheSnapshotOfAnOverflowingDemonstrationIsResumedToTheBit(boolean never) {
        List<Demonstration> data = Overflowing.demonstrations(24, 5, 15, 19);
        CausalLm straight = Overflowing.model();
        resumable(straight, never)
                .checkpoints(CheckpointPolicy.every(1, dir).keep(12, 0))
                .listener(recorder)
                .build()
                .fit(data);
        for (int step = 1; step < 12; step += 2) {
            CausalLm model = Overflowing.model();
            TinyRuns.Recorder rest = new TinyRuns.Recorder();
            TrainingSummary summary = resumable(model, never)
                    .resume(new CheckpointStore(dir).directory(step))
                    .listener(rest)
                    .build()
                    .fit(data);
            assertArrayEquals(TinyRuns.weights(straight), TinyRuns.weights(model), "resumed after " + step);
            assertEquals(3, summary.skipped());
            assertNotNull(rest.steps.get(0));
            assertEquals(recorder.steps.get(step).loss(), rest.steps.get(0).loss());
        }
    }

    private static TrainerBuilder resumable(CausalLm model, boolean never) {
        return Overflowing.trainer(model)
                .objective(new PsftObjective())
                .refresh(never ? RefreshSchedule.never() : RefreshSchedule.everyMacroBatch());
    }
}
