package io.github.psft4j.losses;

import static io.github.psft4j.losses.TinyRuns.demonstrations;
import static io.github.psft4j.losses.TinyRuns.model;
import static io.github.psft4j.losses.TinyRuns.weights;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.losses.preference.DpoObjective;
import io.github.psft4j.losses.preference.KtoObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.HeldOutEvaluation;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.source.PairSource;
import io.github.psft4j.train.source.UnpairedAnswers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Preferences against the model as it was before its first step, which is not in memory any more. */
class StartReferenceTest {

    private static final int STEPS = 8;

    @TempDir
    Path dir;

    private static TrainerBuilder builder(CausalLm model, String objective) {
        return PsftTrainer.builder(model)
                .objective(ObjectiveRegistry.create(objective, Map.of()))
                .macroBatch(8)
                .miniBatch(4)
                .learningRate(5e-3)
                .maxSteps(STEPS);
    }

    private static List<Demonstration> data(String objective) {
        List<Demonstration> all = demonstrations(20);
        if (!objective.equals("kto")) {
            return all;
        }
        boolean[] good = new boolean[all.size()];
        for (int i = 0; i < good.length; i += 3) {
            good[i] = true;
        }
        return new UnpairedAnswers(all, good, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dpo", "dpo-mix", "kto"})
    void theStartIsTheReferenceThatACopyOfItIs(String objective) {
        CausalLm alone = model(1);
        builder(alone, objective).build().fit(data(objective));
        CausalLm withCopy = model(1);
        builder(withCopy, objective).reference(model(1)).build().fit(data(objective));
        assertArrayEquals(weights(withCopy), weights(alone));
        CausalLm withAnother = model(1);
        builder(withAnother, objective).reference(model(2)).build().fit(data(objective));
        assertTrue(!Arrays.equals(weights(withAnother), weights(alone)), "another reference is another run");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dpo", "simpo", "kto"})
    void aResumedRunHasTheReferenceOfItsStart(String objective) throws IOException {
        List<Demonstration> heldOut = data(objective).subList(0, 8);
        CausalLm straight = model(1);
        Path run = dir.resolve("run");
        TrainerBuilder whole = builder(straight, objective)
                .checkpoints(CheckpointPolicy.every(1, run).keep(STEPS, 0));
        if (!objective.equals("kto")) {
            whole.listener(evaluation(straight, objective, heldOut, "straight.jsonl"));
        }
        whole.build().fit(data(objective));
        for (int step = 1; step < STEPS; step++) {
            CausalLm model = model(1);
            TrainerBuilder rest = builder(model, objective).resume(new CheckpointStore(run).directory(step));
            if (!objective.equals("kto")) {
                rest.listener(evaluation(model, objective, heldOut, "resumed.jsonl"));
            }
            rest.build().fit(data(objective));
            assertArrayEquals(weights(straight), weights(model), objective + ", resumed after " + step);
        }
        if (!objective.equals("kto")) {
            assertEquals(last("straight.jsonl"), last("resumed.jsonl"), "held-out pairs keep their reference as well");
        }
    }

    private HeldOutEvaluation evaluation(CausalLm model, String objective, List<Demonstration> heldOut, String file) {
        return new HeldOutEvaluation(model, heldOut, STEPS, dir.resolve(file))
                .objective(ObjectiveRegistry.create(objective, Map.of()));
    }

    /** The last evaluation but for the time that it took. */
    private JsonNode last(String file) throws IOException {
        List<String> lines = Files.readAllLines(dir.resolve(file));
        ObjectNode row = (ObjectNode) new ObjectMapper().readTree(lines.get(lines.size() - 1));
        row.remove("seconds");
        return row;
    }

    @Test
    void anotherStartIsRefusedWhenARunIsResumed() {
        Path run = dir.resolve("run");
        builder(model(1), "dpo")
                .maxSteps(2)
                .checkpoints(CheckpointPolicy.every(2, run))
                .build()
                .fit(data("dpo"));
        PsftTrainer trainer = builder(model(2), "dpo")
                .resume(new CheckpointStore(run).directory(2))
                .build();
        String message = assertThrows(CheckpointException.class, () -> trainer.fit(data("dpo")))
                .getMessage();
        assertTrue(message.contains("another reference model"), message);
    }

    @Test
    void atTheReferenceHeldOutPairsHaveNoMarginAndTheLossIsThatOfAFairCoin() throws IOException {
        CausalLm model = model(1);
        builder(model, "dpo")
                .maxSteps(1)
                .listener(evaluation(model, "dpo", demonstrations(6), "eval.jsonl"))
                .build()
                .fit(demonstrations(20));
        JsonNode first = new ObjectMapper()
                .readTree(Files.readAllLines(dir.resolve("eval.jsonl")).get(0));
        assertEquals(0, first.get("step").intValue());
        assertEquals(Math.log(2), first.get("loss").doubleValue(), 1e-6);
        assertEquals(0, first.get("margin").doubleValue(), 1e-6);
        assertTrue(last("eval.jsonl").get("loss").doubleValue() != Math.log(2), "then it moves");
    }

    @Test
    void trainedAndHeldOutPairsHaveFilesOfTheirOwnInTheCache() throws IOException {
        Path cache = dir.resolve("cache");
        for (int run = 0; run < 2; run++) {
            CausalLm model = model(1);
            builder(model, "dpo")
                    .referenceCache(cache)
                    .listener(evaluation(model, "dpo", demonstrations(6), "eval.jsonl"))
                    .build()
                    .fit(demonstrations(20));
            try (Stream<Path> files = Files.list(cache)) {
                assertEquals(2, files.count());
            }
        }
    }

    @Test
    void sequencesThatMakeNoPairsAreRefused() {
        List<Demonstration> pairs = demonstrations(4);
        RefreshSchedule refresh = RefreshSchedule.everyMacroBatch();
        assertEquals(2, new PairSource(pairs, 2, 2, refresh, false, 1).stepsPerEpoch());
        for (Runnable wrong : List.<Runnable>of(
                () -> new PairSource(pairs.subList(0, 3), 2, 2, refresh, false, 1),
                () -> new PairSource(pairs, 3, 3, refresh, false, 1),
                () -> new PairSource(List.of(), 2, 2, refresh, false, 1),
                () -> new PairSource(
                        List.of(pairs.get(0), new Demonstration(new int[] {1, 2}, new boolean[2])),
                        2,
                        2,
                        refresh,
                        false,
                        1))) {
            assertThrows(IllegalArgumentException.class, wrong::run);
        }
    }

    @Test
    void whatCannotBeTrainedOnPairsIsRefusedWithTheWayOut() {
        IllegalArgumentException labels = assertThrows(
                IllegalArgumentException.class,
                () -> builder(model(1), "kto").build().fit(demonstrations(20)));
        assertTrue(labels.getMessage().contains("ADVANTAGE"), labels.getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> PsftTrainer.builder(model(1))
                        .objective(new KtoObjective())
                        .miniBatch(8)
                        .microBatch(4)
                        .build(),
                "the drift is that of the mini-batch");
        assertThrows(IllegalArgumentException.class, () -> new DpoObjective(0.1, 0.1, DpoObjective.Variant.IPO_MEAN));
        assertThrows(
                IllegalArgumentException.class,
                () -> ObjectiveRegistry.create("dpo-mix", Map.of("losses", "sigmoid 1, hinge 1")));
    }
}
