package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints of psft4j 0.1 resume, to the weights that 0.1 came to; see WriteCheckpoints.java among the resources. */
class OldCheckpointsTest {

    private static final Path OLD = Path.of("src/test/resources/checkpoints-0.1");

    @TempDir
    Path dir;

    private static TrainerBuilder builder(CausalLm model, String refresh, int steps) {
        return PsftTrainer.builder(model)
                .macroBatch(12)
                .miniBatch(4)
                .microBatch(2)
                .learningRate(3e-3)
                .warmupSteps(4)
                .sftWarmup(WarmupSchedule.steps(1))
                .refresh(refresh.equals("never") ? RefreshSchedule.never() : RefreshSchedule.everyMacroBatch())
                .maxSteps(steps);
    }

    private static List<Demonstration> demonstrations() {
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < 26; i++) {
            int[] prompt = {1 + i % 18, 1 + (5 * i + 3) % 18};
            int[] completion = new int[2 + i % 5];
            for (int t = 0; t < completion.length; t++) {
                completion[t] = 1 + (7 * i + 3 * t) % 18;
            }
            out.add(Demonstration.of(prompt, completion).withWeight(i % 3 == 0 ? 2 : 1));
        }
        return out;
    }

    /**
     * Float kernels of other machines round differently: the straight run of 0.1 is met to 1e-5, the way over a new
     * checkpoint exactly.
     */
    @ParameterizedTest
    @ValueSource(strings = {"macro", "never"})
    void aRunOfVersion01GoesOnInTheMiddleOfItsMacroBatch(String refresh) {
        Path checkpoint = OLD.resolve(refresh).resolve("step-00000004");
        CausalLm model = CausalLm.load(checkpoint);
        TinyRuns.Recorder recorder = new TinyRuns.Recorder();
        builder(model, refresh, 8)
                .resume(checkpoint)
                .checkpoints(CheckpointPolicy.every(1, dir).keep(9, 0))
                .listener(recorder)
                .build()
                .fit(demonstrations());
        assertEquals(5, recorder.steps.get(0).step());
        try (SafetensorsReader expected =
                SafetensorsReader.open(OLD.resolve(refresh).resolve("expected-step-8.safetensors"))) {
            model.tensors(model.graph().params())
                    .forEach((name, tensor) -> assertArrayEquals(
                            expected.readDoubles(name), tensor.dup('c').data().asDouble(), 1e-5, name));
        }
        CausalLm overNew = CausalLm.load(checkpoint);
        builder(overNew, refresh, 8)
                .resume(new CheckpointStore(dir).directory(5))
                .build()
                .fit(demonstrations());
        assertArrayEquals(TinyRuns.weights(model), TinyRuns.weights(overNew));
    }

    @Test
    void theNewestCheckpointMayBeAnOldOne() {
        assertEquals(
                OLD.resolve("macro").resolve("step-00000004"),
                new CheckpointStore(OLD.resolve("macro")).newestIntact().orElseThrow());
    }
}
