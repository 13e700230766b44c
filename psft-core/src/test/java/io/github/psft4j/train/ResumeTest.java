package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.checkpoint.RunLock;
import io.github.psft4j.train.optimizer.LearningRateSchedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run that was broken off goes on as if it had not been, or says why it cannot. */
class ResumeTest {

    private static final int STEPS = 50;
    private static final List<Demonstration> DATA = TinyRuns.demonstrations(26);

    @TempDir
    Path dir;

    /**
     * Ragged macro-batches, accumulation of packed micro-batches, both warm-ups, a schedule: all that a step depends
     * on.
     */
    private static TrainerBuilder builder(CausalLm model, int refresh) {
        return PsftTrainer.builder(model)
                .macroBatch(12)
                .miniBatch(4)
                .microBatch(3)
                .packing(16)
                .learningRate(3e-3)
                .schedule(LearningRateSchedule.COSINE)
                .warmupSteps(4)
                .sftWarmup(WarmupSchedule.steps(2))
                .refresh(new RefreshSchedule(refresh))
                .maxGradNorm(0.5)
                .maxSteps(STEPS);
    }

    @ParameterizedTest(name = "pi_old refreshed {0} (0 = macro-batch, -1 = never), NEFTune and weights {2}")
    @CsvSource({"0, 1, false", "5, 7, true", "-1, 9, false"})
    void everyCheckpointLeadsToTheWeightsOfTheStraightRun(int refresh, int stride, boolean noisy) {
        List<Demonstration> data = noisy ? weighted() : DATA;
        double alpha = noisy ? 5 : 0;
        CausalLm straight = TinyRuns.model();
        TinyRuns.Recorder expected = new TinyRuns.Recorder();
        CheckpointPolicy all = CheckpointPolicy.every(1, dir).keep(STEPS, 0).synchronous();
        builder(straight, refresh)
                .neftune(alpha)
                .checkpoints(all)
                .listener(expected)
                .build()
                .fit(data);
        CheckpointStore store = new CheckpointStore(dir);
        for (int step = 1; step < STEPS; step += stride) {
            CausalLm model = TinyRuns.model();
            TinyRuns.Recorder recorder = new TinyRuns.Recorder();
            TrainingSummary summary = builder(model, refresh)
                    .neftune(alpha)
                    .resume(store.directory(step))
                    .listener(recorder)
                    .build()
                    .fit(data);
            assertArrayEquals(TinyRuns.weights(straight), TinyRuns.weights(model), "weights, resumed after " + step);
            assertEquals(STEPS, summary.steps());
            for (int i = 0; i < recorder.steps.size(); i++) {
                StepMetrics m = recorder.steps.get(i);
                StepMetrics e = expected.steps.get(step + i);
                assertEquals(e.step(), m.step());
                assertEquals(e.loss(), m.loss(), "loss of step " + e.step() + ", resumed after " + step);
                assertEquals(e.gradNorm(), m.gradNorm(), "norm of step " + e.step() + ", resumed after " + step);
                assertEquals(e.lr(), m.lr());
            }
        }
    }

    /** Every second demonstration counts less from token to token, every third twice. */
    private static List<Demonstration> weighted() {
        List<Demonstration> out = new ArrayList<>(DATA);
        for (int i = 0; i < out.size(); i += 2) {
            double[] weights = new double[out.get(i).length()];
            Arrays.setAll(weights, t -> 1.0 / (1 + t));
            out.set(i, out.get(i).withWeights(weights));
        }
        for (int i = 0; i < out.size(); i += 3) {
            out.set(i, out.get(i).withWeight(2));
        }
        return out;
    }

    @Test
    void checkpointsTakenBesideTrainingAreThoseTakenInLine() throws IOException {
        Path beside = dir.resolve("beside");
        Path inLine = dir.resolve("in-line");
        CheckpointPolicy policy = CheckpointPolicy.every(7, beside).keep(STEPS, 0);
        builder(TinyRuns.model(), 0).checkpoints(policy).build().fit(DATA);
        builder(TinyRuns.model(), 0)
                .checkpoints(CheckpointPolicy.every(7, inLine).keep(STEPS, 0).synchronous())
                .build()
                .fit(DATA);
        for (int step : new int[] {7, 49, STEPS}) {
            for (String file : List.of("model.safetensors", "optimizer.safetensors", "columns.safetensors")) {
                Path a = new CheckpointStore(beside).directory(step).resolve(file);
                Path b = new CheckpointStore(inLine).directory(step).resolve(file);
                assertEquals(-1, Files.mismatch(a, b), file + " of step " + step);
            }
        }
    }

    @Test
    void aStopRequestEndsTheRunWithACheckpointThatItGoesOnFrom() {
        CausalLm straight = TinyRuns.model();
        builder(straight, 0).build().fit(DATA);
        CausalLm model = TinyRuns.model();
        PsftTrainer[] trainer = new PsftTrainer[1];
        trainer[0] = builder(model, 0)
                .checkpoints(CheckpointPolicy.every(1000, dir))
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics metrics) {
                        if (metrics.step() == 21) {
                            trainer[0].requestStop();
                        }
                    }
                })
                .build();
        TrainingSummary summary = trainer[0].fit(DATA);
        assertTrue(summary.stopped());
        assertEquals(21, summary.steps());
        CausalLm resumed = TinyRuns.model();
        TrainingSummary rest = builder(resumed, 0)
                .checkpoints(CheckpointPolicy.every(1000, dir))
                .resumeNewest()
                .build()
                .fit(DATA);
        assertFalse(rest.stopped());
        assertArrayEquals(TinyRuns.weights(straight), TinyRuns.weights(resumed));
    }

    @Test
    void otherSettingsOrOtherDataAreRefusedByName() {
        builder(TinyRuns.model(), 0)
                .checkpoints(CheckpointPolicy.every(5, dir))
                .maxSteps(5)
                .build()
                .fit(DATA);
        Path checkpoint = new CheckpointStore(dir).directory(5);
        refused(checkpoint, DATA, b -> b.seed(7).objective(new SftObjective()), "seed: 42 -> 7", "objective:");
        refused(checkpoint, TinyRuns.demonstrations(25), b -> b, "other data");
        // A longer run at another rate is the user's right; the log says so.
        PsftTrainer longer = builder(TinyRuns.model(), 0)
                .resume(checkpoint)
                .learningRate(1e-3)
                .maxSteps(7)
                .build();
        assertEquals(7, longer.fit(DATA).steps());
    }

    private void refused(
            Path checkpoint, List<Demonstration> data, UnaryOperator<TrainerBuilder> change, String... parts) {
        PsftTrainer trainer =
                change.apply(builder(TinyRuns.model(), 0).resume(checkpoint)).build();
        String message =
                assertThrows(CheckpointException.class, () -> trainer.fit(data)).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void aSecondTrainerInTheRunDirectoryIsRefused() {
        try (RunLock first = RunLock.acquire(dir)) {
            PsftTrainer second = builder(TinyRuns.model(), 0)
                    .checkpoints(CheckpointPolicy.every(5, dir))
                    .build();
            String message = assertThrows(CheckpointException.class, () -> second.fit(DATA))
                    .getMessage();
            assertTrue(message.contains("another trainer") && message.contains(dir.toString()), message);
        }
        RunLock.acquire(dir).close();
    }
}
