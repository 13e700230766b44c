package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.event.Evaluation;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.TinyRuns;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.checkpoint.Manifest;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The model is measured before the first step, every n steps and after the last, and training does not notice. */
class HeldOutEvaluationTest {

    @Test
    void everyEvaluationMeasuresTheModelOfItsStep(@TempDir Path dir) throws Exception {
        List<Demonstration> heldOut = TinyRuns.demonstrations(6, 77);
        List<Demonstration> data = TinyRuns.demonstrations(24, 5);
        CausalLm plain = TinyRuns.model();
        LossReport before = new Scorer(plain, 3).report(heldOut);
        TinyRuns.trainer(plain).build().fit(data);
        LossReport after = new Scorer(plain, 3).report(heldOut);

        CausalLm model = TinyRuns.model();
        List<Evaluation> told = new ArrayList<>();
        Path file = dir.resolve("run/eval.jsonl");
        TinyRuns.trainer(model)
                .listener(new HeldOutEvaluation(model, heldOut, 5, file)
                        .samples(List.of(new int[] {1, 2}, new int[] {3}), GenerationConfig.greedy(4))
                        .tell(told::add))
                .build()
                .fit(data);

        List<JsonNode> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            rows.add(new ObjectMapper().readTree(line));
        }
        assertEquals(
                List.of(0, 5, 10, 12),
                rows.stream().map(row -> row.path("step").asInt()).toList());
        assertEquals(before.nll(), rows.get(0).path("nll").asDouble(), 1e-6);
        assertEquals(after.nll(), rows.get(3).path("nll").asDouble(), 1e-6);
        assertEquals(after.entropy(), rows.get(3).path("entropy").asDouble(), 1e-6);
        assertEquals(Math.exp(after.nll()), rows.get(3).path("perplexity").asDouble(), 1e-4);
        assertEquals(after.tokens(), rows.get(3).path("tokens").asLong());
        assertEquals(4, told.size());
        assertEquals("[1, 2]", told.get(3).samples().get(0).prompt());
        int[] continued = model.generate(List.of(new int[] {3}), GenerationConfig.greedy(4))
                .get(0)
                .newTokens();
        assertEquals(
                Arrays.toString(continued),
                rows.get(3).path("samples").get(1).path("continuation").asText());
    }

    @Test
    void theCheckpointWithTheLowestHeldOutNllStays(@TempDir Path dir) {
        CausalLm model = TinyRuns.model();
        List<Evaluation> told = new ArrayList<>();
        HeldOutEvaluation evaluation = new HeldOutEvaluation(
                        model, TinyRuns.demonstrations(6, 77), 2, dir.resolve("eval.jsonl"))
                .tell(told::add);
        TinyRuns.trainer(model)
                .listener(evaluation)
                .checkpoints(CheckpointPolicy.every(2, dir).keep(1, 0).bestBy(m -> evaluation.nllAt(m.step())))
                .maxSteps(11)
                .build()
                .fit(TinyRuns.demonstrations(24, 5));
        Evaluation best = told.stream()
                .filter(e -> e.step() > 0 && e.step() % 2 == 0)
                .min(Comparator.comparingDouble(Evaluation::nll))
                .orElseThrow();
        List<Manifest> kept = new CheckpointStore(dir).list();
        assertEquals(Set.of(best.step(), 11), kept.stream().map(Manifest::step).collect(Collectors.toSet()));
        for (Manifest manifest : kept) {
            assertEquals(manifest.step() == 11 ? null : best.nll(), manifest.metric(), "step " + manifest.step());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void aResumedRunHasTheEvaluationsOfTheStraightRun(int resumedStep, @TempDir Path dir) throws Exception {
        List<String> before = evaluations(dir, resumedStep, null);
        List<String> all = evaluations(dir, 8, new CheckpointStore(dir).directory(resumedStep));
        assertEquals(before.subList(0, before.size() - 1), all.subList(0, before.size() - 1));
        List<Integer> steps = new ArrayList<>();
        for (String row : all) {
            steps.add(new ObjectMapper().readTree(row).path("step").asInt());
        }
        assertEquals(List.of(0, 2, 4, 6, 8), steps);
    }

    private static List<String> evaluations(Path run, int steps, Path checkpoint) throws IOException {
        CausalLm model = TinyRuns.model();
        Path file = run.resolve("eval.jsonl");
        TinyRuns.trainer(model)
                .listener(new HeldOutEvaluation(model, TinyRuns.demonstrations(6, 77), 2, file))
                .checkpoints(CheckpointPolicy.every(100, run))
                .resume(checkpoint)
                .maxSteps(steps)
                .build()
                .fit(TinyRuns.demonstrations(24, 5));
        return Files.readAllLines(file);
    }

    @Test
    void nothingHeldOutIsRefused() {
        Demonstration untrained = new Demonstration(new int[] {1, 2}, new boolean[2]);
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> new HeldOutEvaluation(TinyRuns.model(), List.of(untrained), 1, Path.of("eval.jsonl")));
        assertTrue(e.getMessage().contains("no token inside their loss masks"), e.getMessage());
    }
}
