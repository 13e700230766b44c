package io.github.psft4j.train;

import static io.github.psft4j.train.TinyRuns.demonstrations;
import static io.github.psft4j.train.TinyRuns.model;
import static io.github.psft4j.train.TinyRuns.weights;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.optimizer.LearningRateSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The loop keeps its promises: K = 1 is SFT, accumulation changes nothing, schedules do what they say, bad runs end
 * well.
 */
class PsftTrainerTest {

    private final TinyRuns.Recorder recorder = new TinyRuns.Recorder();

    private CausalLm train(int n, UnaryOperator<TrainerBuilder> settings) {
        CausalLm model = model();
        TrainerBuilder builder = PsftTrainer.builder(model)
                .macroBatch(8)
                .miniBatch(2)
                .learningRate(5e-3)
                .warmupSteps(0)
                .epochs(2)
                .seed(3)
                .listener(recorder);
        settings.apply(builder).build().fit(demonstrations(n));
        return model;
    }

    @Test
    void psftWithOneMiniBatchPerMacroBatchIsSftToTheLastBit() {
        float[] psft = weights(train(24, b -> b.macroBatch(2)));
        assertTrue(recorder.steps.stream().allMatch(s -> s.meanRatio() == 1 && Math.abs(s.loss() + 1) < 1e-12));
        float[] sft = weights(train(24, b -> b.macroBatch(2).objective(new SftObjective())));
        assertArrayEquals(sft, psft);
    }

    @Test
    void refreshEveryStepIsSftToTheLastBitForAnyMacroBatch() {
        float[] psft = weights(train(24, b -> b.refresh(RefreshSchedule.everySteps(1))));
        float[] sft = weights(train(24, b -> b.objective(new SftObjective())));
        assertArrayEquals(sft, psft);
    }

    @Test
    void staleSnapshotMakesRatiosThatStartAtOneInEveryWindow() {
        train(24, b -> b.refresh(RefreshSchedule.everySteps(3)));
        for (int i = 0; i < recorder.steps.size(); i++) {
            StepMetrics s = recorder.steps.get(i);
            if (i % 3 == 0) {
                assertEquals(1, s.meanRatio());
                assertEquals(0, s.approxKl());
            } else {
                assertNotEquals(1, s.meanRatio());
            }
        }
    }

    @Test
    void fixedReferenceMeasuresTheDistanceFromTheModelAsItWas() {
        List<Demonstration> data = demonstrations(4);
        CausalLm before = model();
        double reference = new Scorer(before, 4).report(data).nll();
        CausalLm model = model();
        PsftTrainer.builder(model)
                .objective(new PsftObjective(0.2, 1e6)) // unclipped: ratios may grow without losing their gradient
                .macroBatch(4)
                .miniBatch(4)
                .learningRate(5e-3)
                .warmupSteps(0)
                .maxSteps(6)
                .refresh(RefreshSchedule.never())
                .listener(recorder)
                .build()
                .fit(data);
        for (StepMetrics s : recorder.steps) {
            assertEquals(s.nll() - reference, s.approxKl(), 1e-5, "step " + s.step()); // mean(old - new)
        }
        assertTrue(recorder.steps.get(5).approxKl() < -0.01);
    }

    @ParameterizedTest
    @EnumSource(Aggregation.class)
    void eightMicroBatchesOfOneEqualOneOfEight(Aggregation aggregation) {
        UnaryOperator<TrainerBuilder> common = b -> b.macroBatch(16)
                .miniBatch(8)
                .aggregation(aggregation)
                .maxGradNorm(0)
                .weightDecay(0)
                .learningRate(1e-3);
        float[] whole = weights(train(32, common));
        List<StepMetrics> metrics = List.copyOf(recorder.steps);
        recorder.steps.clear();
        float[] parts = weights(train(32, b -> common.apply(b).microBatch(1)));
        for (int i = 0; i < metrics.size(); i++) {
            double norm = metrics.get(i).gradNorm();
            assertEquals(norm, recorder.steps.get(i).gradNorm(), 1e-5 * norm);
            assertEquals(
                    metrics.get(i).loss(),
                    recorder.steps.get(i).loss(),
                    1e-5 * Math.abs(metrics.get(i).loss()));
            assertEquals(metrics.get(i).tokens(), recorder.steps.get(i).tokens());
        }
        assertArrayEquals(whole, parts, 2e-4f); // Adam divides by the root of tiny second moments
    }

    @Test
    void warmupIsPlainSftForItsMacroSteps() {
        float[] warm =
                weights(train(24, b -> b.sftWarmup(WarmupSchedule.fraction(0.5)).maxSteps(24)));
        for (StepMetrics s : recorder.steps) {
            assertEquals(s.macroStep() <= 3 ? "sft" : "psft", s.objective());
            assertEquals(s.macroStep() <= 3 ? s.nll() : s.loss(), s.loss(), 1e-12);
        }
        float[] plain = weights(train(24, b -> b.maxSteps(24)));
        assertFalse(Arrays.equals(warm, plain));
    }

    @Test
    void sameSeedGivesTheSameWeightsAndAnotherSeedAnotherOrder() {
        float[] first = weights(train(24, b -> b));
        assertArrayEquals(first, weights(train(24, b -> b)));
        assertFalse(Arrays.equals(first, weights(train(24, b -> b.seed(4)))));
    }

    @Test
    void everyDemonstrationIsTrainedOncePerEpochEvenInOddNumbers() {
        int n = 21; // 2 macro-batches of 8, then 5 in mini-batches of 2, 2 and 1
        long trained = demonstrations(n).stream()
                .mapToLong(Demonstration::trainedTokens)
                .sum();
        train(n, b -> b);
        assertEquals(2 * (4 + 4 + 3), recorder.steps.size());
        assertEquals(
                2 * trained,
                recorder.steps.stream().mapToLong(StepMetrics::tokens).sum());
    }

    @Test
    void learningRateWarmsUpLinearlyAndThenFollowsItsShape() {
        train(
                24,
                b -> b.warmupSteps(4)
                        .schedule(LearningRateSchedule.LINEAR)
                        .learningRate(1)
                        .maxGradNorm(1e-6));
        double[] lr = recorder.steps.stream().mapToDouble(StepMetrics::lr).toArray();
        assertArrayEquals(new double[] {0.25, 0.5, 0.75, 1}, Arrays.copyOf(lr, 4), 1e-12);
        assertEquals(1, lr[4], 1e-12);
        assertEquals(1.0 / 20, lr[23], 1e-12);
        assertEquals(0.5, LearningRateSchedule.COSINE.factor(15, 4, 24), 1e-12);
    }

    @Test
    void nonFiniteLossSkipsTheStepsAndStopsTheRunWithUnchangedWeights() {
        CausalLm model = model();
        model.graph().params().putScalar(0, Float.NaN);
        float[] before = weights(model);
        PsftTrainer trainer = PsftTrainer.builder(model)
                .macroBatch(4)
                .miniBatch(2)
                .epochs(9)
                .maxSkippedInARow(3)
                .listener(recorder)
                .build();
        List<Demonstration> poisoned =
                List.of(Demonstration.ofText(new int[] {0, 1, 2}), Demonstration.ofText(new int[] {0, 3, 4}));
        TrainingDivergedException e = assertThrows(TrainingDivergedException.class, () -> trainer.fit(poisoned));
        assertTrue(e.getMessage().contains("3 steps in a row"), e.getMessage());
        assertEquals(2, recorder.steps.get(1).skipped());
        assertArrayEquals(before, weights(model));
        assertTrue(recorder.closed);
    }

    @Test
    void batchWithoutTrainedTokensChangesNothingButDecay() {
        CausalLm model = model();
        float[] before = weights(model);
        Demonstration untrained = new Demonstration(new int[] {1, 2, 3}, new boolean[3]);
        PsftTrainer trainer =
                PsftTrainer.builder(model).weightDecay(0).listener(recorder).build();
        assertThrows(VoidRunException.class, () -> trainer.fit(List.of(untrained, untrained)), "no other batch");
        assertEquals(0, recorder.steps.get(0).skipped());
        assertEquals(0, recorder.steps.get(0).gradNorm());
        assertArrayEquals(before, weights(model));
    }

    @Test
    void batchOfAllThereIsTakesOneStepPerEpoch() {
        TrainingSummary summary = PsftTrainer.builder(model())
                .macroBatch(Integer.MAX_VALUE)
                .miniBatch(Integer.MAX_VALUE)
                .epochs(2)
                .listener(recorder)
                .build()
                .fit(demonstrations(5));
        assertEquals(2, summary.steps());
        assertEquals(2, recorder.steps.get(1).macroStep());
    }

    @Test
    void secondTrainerOfAModelThatIsBeingTrainedIsRefusedAndTheFirstGoesOn() {
        CausalLm shared = model();
        List<String> refused = new ArrayList<>();
        TrainingSummary summary = TinyRuns.trainer(shared)
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics metrics) {
                        PsftTrainer second = TinyRuns.trainer(shared).build();
                        refused.add(assertThrows(IllegalStateException.class, () -> second.fit(demonstrations(8)))
                                .getMessage());
                    }
                })
                .build()
                .fit(demonstrations(8));
        assertEquals(4, summary.steps());
        assertTrue(refused.get(0).startsWith("this model is being trained by another call of fit"), refused.get(0));
        CausalLm alone = model();
        TinyRuns.trainer(alone).build().fit(demonstrations(8));
        assertArrayEquals(weights(alone), weights(shared));
        assertEquals(4, TinyRuns.trainer(shared).build().fit(demonstrations(8)).steps(), "afterwards it is free");
    }

    @Test
    void badSettingsAndDataAreNamed() {
        CausalLm model = model();
        assertMessage(
                "macroBatch must be a multiple of miniBatch (3), was 8",
                () -> PsftTrainer.builder(model).macroBatch(8).miniBatch(3).build());
        assertMessage(
                "microBatch must be between 1 and miniBatch (2), was 4",
                () -> PsftTrainer.builder(model)
                        .macroBatch(8)
                        .miniBatch(2)
                        .microBatch(4)
                        .build());
        assertMessage(
                "learningRate must be > 0, was NaN",
                () -> PsftTrainer.builder(model).learningRate(Double.NaN).build());
        assertMessage(
                "schedule must not be null",
                () -> PsftTrainer.builder(model).schedule(null).build());
        assertMessage(
                "precision must not be null",
                () -> PsftTrainer.builder(model).precision(null).build());
        assertMessage(
                "precision INT8 has no gradients",
                () -> PsftTrainer.builder(model).precision(Precision.INT8).build());
        assertMessage(
                "weightDecay must be >= 0, was Infinity",
                () -> PsftTrainer.builder(model)
                        .weightDecay(Double.POSITIVE_INFINITY)
                        .build());
        PsftTrainer endless =
                PsftTrainer.builder(model).epochs(Integer.MAX_VALUE).build();
        assertMessage("2147483647 epochs of 2 optimizer steps", () -> endless.fit(demonstrations(9)));
        PsftTrainer trainer = PsftTrainer.builder(model).build();
        assertMessage(
                "demonstration 1 is null",
                () -> trainer.fit(Arrays.asList(demonstrations(1).get(0), null)));
        assertMessage("no demonstrations", () -> trainer.fit(List.of()));
        assertMessage(
                "demonstration 1: token id 19 at position 2",
                () -> trainer.fit(
                        List.of(Demonstration.ofText(new int[] {1, 2}), Demonstration.ofText(new int[] {1, 2, 19}))));
        PsftTrainer packing = PsftTrainer.builder(model).packing(5).build();
        assertMessage(
                "demonstration 0 takes 6 positions, a packed row has 5",
                () -> packing.fit(List.of(Demonstration.ofText(new int[7]))));
        assertMessage("demonstration 0 has 18 tokens", () -> trainer.fit(List.of(Demonstration.ofText(new int[18]))));
    }

    private static void assertMessage(String part, Runnable bad) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, bad::run);
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
