package io.github.psft4j.train.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.TinyRuns;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.settings.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Moments in bfloat16: repeatable, resumed bit for bit, in checkpoints of their size. */
class MomentsTest {

    private static final List<Demonstration> DATA = TinyRuns.demonstrations(24, 5);
    private static final int STEPS = 20;

    @TempDir
    Path dir;

    private static TrainerBuilder builder(CausalLm model, Moments moments) {
        return TinyRuns.trainer(model).moments(moments).maxSteps(STEPS).decayScope(DecayScope.MATRICES);
    }

    private static float[] trained(Moments moments, long seed) {
        CausalLm model = TinyRuns.model();
        builder(model, moments).shuffle(false).seed(seed).build().fit(DATA);
        return weights(model);
    }

    private static float[] weights(CausalLm model) {
        return model.graph().params().dup().data().asFloat();
    }

    @Test
    void runsRepeatAndDifferBySeedAndFromFullMomentsALittle() {
        float[] half = trained(Moments.BF16, 1);
        assertArrayEquals(half, trained(Moments.BF16, 1));
        assertFalse(Arrays.equals(half, trained(Moments.BF16, 2)), "the seed decides the rounding");
        float[] full = trained(Moments.FULL, 1);
        float[] start = weights(TinyRuns.model());
        double moved = 0;
        double apart = 0;
        for (int i = 0; i < full.length; i++) {
            moved += Math.pow(full[i] - start[i], 2);
            apart += Math.pow(full[i] - half[i], 2);
        }
        assertTrue(apart > 0);
        assertTrue(apart < moved / 100, Math.sqrt(apart / moved) + " of the way");
    }

    @Test
    void aResumedRunEndsWithTheBitsOfTheStraightOne() throws IOException {
        CausalLm straight = TinyRuns.model();
        CheckpointPolicy all = CheckpointPolicy.every(1, dir.resolve("beside")).keep(STEPS, 0);
        builder(straight, Moments.BF16).checkpoints(all).build().fit(DATA);
        builder(TinyRuns.model(), Moments.BF16)
                .checkpoints(CheckpointPolicy.every(1, dir.resolve("in-line"))
                        .keep(STEPS, 0)
                        .synchronous())
                .build()
                .fit(DATA);
        for (int step : new int[] {1, 7, 19}) {
            Path at = new CheckpointStore(dir.resolve("beside")).directory(step);
            CausalLm model = TinyRuns.model();
            builder(model, Moments.BF16).resume(at).build().fit(DATA);
            assertArrayEquals(weights(straight), weights(model), "resumed after " + step);
            Path inLine = new CheckpointStore(dir.resolve("in-line")).directory(step);
            assertEquals(
                    -1, Files.mismatch(at.resolve("optimizer.safetensors"), inLine.resolve("optimizer.safetensors")));
            try (SafetensorsReader reader = SafetensorsReader.open(at.resolve("optimizer.safetensors"))) {
                assertTrue(reader.names().stream()
                        .allMatch(name -> reader.info(name).dtype() == DType.BF16));
            }
        }
    }

    @Test
    void momentsOfTheOtherTypeAreRefusedByName() {
        builder(TinyRuns.model(), Moments.FULL)
                .checkpoints(CheckpointPolicy.every(10, dir).synchronous())
                .build()
                .fit(DATA);
        Path at = new CheckpointStore(dir).directory(10);
        TrainerBuilder other = builder(TinyRuns.model(), Moments.BF16).resume(at);
        String message = assertThrows(
                        CheckpointException.class, () -> other.build().fit(DATA))
                .getMessage();
        assertTrue(message.contains("optimizer.moments: FULL -> BF16"), message);
    }

    @Test
    void recomputationThatIsChosenByThePlanChangesNoBit() {
        CausalLm kept = TinyRuns.model();
        builder(kept, Moments.FULL).build().fit(DATA);
        for (Training.Recompute recompute : Training.Recompute.values()) {
            CausalLm model = TinyRuns.model();
            builder(model, Moments.FULL).recompute(recompute).build().fit(DATA);
            assertArrayEquals(weights(kept), weights(model), recompute.toString());
        }
    }
}
