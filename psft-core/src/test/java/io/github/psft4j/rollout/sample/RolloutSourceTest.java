package io.github.psft4j.rollout.sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.cpu.gemm.OneDnn;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.reward.RewardException;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.rollout.Finish;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RolloutSourceTest {

    @TempDir
    Path dir;

    private final List<StepMetrics> steps = new ArrayList<>();
    private final TrainerListener recorder = new TrainerListener() {
        @Override
        public void onStep(StepMetrics metrics) {
            steps.add(metrics);
        }
    };

    @ParameterizedTest
    @ValueSource(doubles = {0.7, 1, 1.6})
    void samplerAndTrainerAgreeInEveryStepWhateverTheTemperature(double temperature) {
        CausalLm model = SampledRuns.model();
        SampledRuns.trainer(model)
                .listener(recorder)
                .build()
                .fit(SampledRuns.source(model, SampledRuns.settings(temperature, false)));
        assertEquals(SampledRuns.STEPS, steps.size());
        // Both have the same bits where the order of oneDNN's sums is known.
        double most = OneDnn.status().problem() == null ? 0 : 1e-5;
        for (StepMetrics step : steps) {
            double largest = step.measures().get("sampler_mismatch_max");
            assertTrue(largest <= most, "step " + step.step() + ": " + largest);
        }
    }

    @Test
    void theRewardRises() {
        CausalLm model = SampledRuns.model();
        SampledRuns.trainer(model)
                .maxSteps(60)
                .listener(recorder)
                .build()
                .fit(SampledRuns.source(model, SampledRuns.settings(1, false)));
        double first = steps.subList(0, 8).stream()
                .mapToDouble(s -> s.measures().get("reward_letters"))
                .average()
                .orElseThrow();
        double last = steps.subList(52, 60).stream()
                .mapToDouble(s -> s.measures().get("reward_letters"))
                .average()
                .orElseThrow();
        assertTrue(last > first + 1, first + " -> " + last);
    }

    @Test
    void aRunResumedAtAnyStepEndsWithTheSameBits() {
        for (boolean dynamic : new boolean[] {false, true}) {
            SamplingSettings settings = SampledRuns.settings(0.9, dynamic);
            Path run = dir.resolve("run" + dynamic);
            CausalLm straight = SampledRuns.model();
            float[] start = straight.graph().params().dup().data().asFloat();
            List<RolloutRecord> all = new ArrayList<>();
            SampledRuns.trainer(straight)
                    .checkpoints(CheckpointPolicy.every(1, run).keep(SampledRuns.STEPS, 0))
                    .build()
                    .fit(SampledRuns.source(straight, settings, all::add));
            float[] expected = straight.graph().params().dup().data().asFloat();
            assertFalse(java.util.Arrays.equals(start, expected));
            for (int step = 1; step < SampledRuns.STEPS; step++) {
                CausalLm resumed = SampledRuns.model();
                List<RolloutRecord> later = new ArrayList<>();
                SampledRuns.trainer(resumed)
                        .resume(run.resolve(String.format("step-%08d", step)))
                        .build()
                        .fit(SampledRuns.source(resumed, settings, later::add));
                assertArrayEquals(
                        expected, resumed.graph().params().dup().data().asFloat(), "from step " + step);
                int from = step;
                assertEquals(
                        all.stream()
                                .filter(r -> r.step() > from)
                                .map(RolloutRecord::samples)
                                .toList(),
                        later.stream().map(RolloutRecord::samples).toList(),
                        "rollouts from step " + step);
            }
        }
    }

    @Test
    void everySampleIsShownWithItsRewardsAndAdvantage() {
        CausalLm model = SampledRuns.model();
        List<RolloutRecord> records = new ArrayList<>();
        SampledRuns.trainer(model)
                .listener(recorder)
                .build()
                .fit(SampledRuns.source(model, SampledRuns.settings(1, false), records::add));
        assertEquals(5, records.size()); // 20 steps: 2 mini-batches, twice
        double average = records.get(0).measures().get("reward");
        assertEquals(
                List.of(1, 5, 9, 13, 17),
                records.stream().map(RolloutRecord::step).toList());
        for (RolloutRecord record : records) {
            assertEquals(8, record.samples().size());
            for (RolloutRecord.Sample sample : record.samples()) {
                long letters = sample.completion().chars().filter(c -> c == 'e').count();
                assertEquals(letters, sample.reward().value());
                assertEquals(letters, sample.rewards().get("letters").value());
                assertTrue(sample.tokens() >= 1 && sample.tokens() <= 9);
                assertEquals(letters - average, sample.advantage(), 1e-9);
            }
            average = 0.9 * average + 0.1 * record.measures().get("reward");
        }
        assertNotEquals(records.get(0).samples(), records.get(1).samples());
        Set<Integer> prompts = new HashSet<>();
        records.subList(0, 3).forEach(r -> r.samples().forEach(s -> prompts.add(s.prompt())));
        assertEquals(6, prompts.size()); // an epoch of 7 shows no prompt twice
    }

    @Test
    void dynamicSamplingReplacesGroupsOfEqualRewards() {
        CausalLm model = SampledRuns.model();
        List<RolloutRecord> records = new ArrayList<>();
        SampledRuns.trainer(model)
                .listener(recorder)
                .build()
                .fit(SampledRuns.judged(
                        model,
                        SampledRuns.settings(1, true),
                        samples -> samples.stream()
                                .map(s -> RewardValue.of(
                                        s.promptText().startsWith("T")
                                                ? s.completion().hashCode() % 7
                                                : 1))
                                .toList(),
                        records::add));
        for (RolloutRecord record : records) {
            assertTrue(record.samples().stream()
                    .allMatch(s -> s.promptValue().asText().startsWith("T")));
        }
        assertTrue(steps.stream().anyMatch(s -> s.measures().get("replaced_groups") > 0));
    }

    @Test
    void groupsOfEqualRewardsFillUpWhenTheDrawsAreUsed() {
        CausalLm model = SampledRuns.model();
        RolloutSource source = SampledRuns.judged(
                model,
                SampledRuns.settings(1, true),
                samples -> samples.stream().map(s -> RewardValue.of(1)).toList());
        assertEquals(
                8,
                source.next(model, 4).miniBatches().stream()
                        .limit(2)
                        .mapToInt(m -> m.numbers().length)
                        .sum());
        source.close();
    }

    @Test
    void aRewardThatFailsAgainAndAgainEndsTheRunByName() {
        CausalLm model = SampledRuns.model();
        RolloutSource source = SampledRuns.judged(model, SampledRuns.settings(1, false), samples -> {
            throw new IllegalStateException("no judge today");
        });
        String message = assertThrows(
                        RewardException.class,
                        () -> SampledRuns.trainer(model).build().fit(source))
                .getMessage();
        assertTrue(message.contains("letters") && message.contains("no judge today"), message);
    }

    @Test
    void aStopStringEndsASampleAndIsNoPartOfItsText() {
        CausalLm model = SampledRuns.model();
        List<RolloutRecord> records = new ArrayList<>();
        SamplingSettings settings = new SamplingSettings(4, 30, 1, 0, 1, 0, List.of("a"), 1);
        RolloutSource source = SampledRuns.source(model, settings, records::add);
        SampledRuns.trainer(model).maxSteps(4).build().fit(source);
        List<RolloutRecord.Sample> samples = records.get(0).samples();
        assertTrue(samples.stream().noneMatch(s -> s.completion().contains("a")), samples.toString());
        assertTrue(samples.stream().filter(s -> s.finish() == Finish.STOP).count() >= 4, samples.toString());
    }

    @Test
    void groupsThatDoNotFillARolloutAreRefused() {
        CausalLm model = SampledRuns.model();
        SamplingSettings three = new SamplingSettings(3, 9, 1, 0, 1, 0, List.of(), 1);
        String message = assertThrows(IllegalArgumentException.class, () -> SampledRuns.source(model, three))
                .getMessage();
        assertTrue(message.contains("groupSize (3)"), message);
    }
}
