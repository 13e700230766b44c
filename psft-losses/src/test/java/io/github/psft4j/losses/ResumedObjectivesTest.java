package io.github.psft4j.losses;

import static io.github.psft4j.losses.TinyRuns.demonstrations;
import static io.github.psft4j.losses.TinyRuns.model;
import static io.github.psft4j.losses.TinyRuns.weights;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.losses.regularizer.KlEstimator;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs whose objective takes something from a frozen reference go on as if they had never been broken off. */
class ResumedObjectivesTest {

    private static final int STEPS = 12;

    @TempDir
    Path dir;

    /** Log-probs of the reference beside those of pi_old, its log-probs alone, its distributions, and pairs. */
    private static TokenObjective objective(String name) {
        return name.equals("psft+kl")
                ? new PsftObjective().plus(0.3, new KlEstimator())
                : ObjectiveRegistry.create(name, Map.of());
    }

    private TrainerBuilder builder(CausalLm model, String objective) {
        return PsftTrainer.builder(model)
                .objective(objective(objective))
                .reference(model(2))
                .referenceCache(dir.resolve("reference"))
                .macroBatch(12)
                .miniBatch(4)
                .microBatch(2)
                .packing(20)
                .learningRate(5e-3)
                .maxSteps(STEPS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"psft+kl", "iw-sft-step", "asft", "dpo"})
    void checkpointsLeadToTheWeightsOfTheStraightRun(String objective) {
        CausalLm straight = model(1);
        builder(straight, objective)
                .checkpoints(CheckpointPolicy.every(1, dir.resolve("run")).keep(STEPS, 0))
                .build()
                .fit(demonstrations(20));
        for (int step = 1; step < STEPS; step += 3) {
            CausalLm model = model(1);
            builder(model, objective)
                    .resume(new CheckpointStore(dir.resolve("run")).directory(step))
                    .build()
                    .fit(demonstrations(20));
            assertArrayEquals(weights(straight), weights(model), objective + ", resumed after " + step);
        }
    }

    @Test
    void anotherReferenceIsRefusedByName() {
        builder(model(1), "dpo")
                .maxSteps(2)
                .checkpoints(CheckpointPolicy.every(2, dir.resolve("run")))
                .build()
                .fit(demonstrations(20));
        Path checkpoint = new CheckpointStore(dir.resolve("run")).directory(2);
        CausalLm other = model(2);
        other.graph().params().putScalar(7, other.graph().params().getFloat(7) + 1e-6f);
        PsftTrainer trainer =
                builder(model(1), "dpo").reference(other).resume(checkpoint).build();
        String message = assertThrows(CheckpointException.class, () -> trainer.fit(demonstrations(20)))
                .getMessage();
        assertTrue(message.contains("another reference model"), message);
    }
}
