package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.model.ModelFingerprint;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.settings.Training;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

/** Training an adapter: what is trained, saved, resumed and compared with. */
class LoraTrainingTest {

    private static final List<Demonstration> DATA = TinyRuns.demonstrations(24);

    @TempDir
    Path dir;

    private Path base;

    @BeforeEach
    void saveBase() {
        base = dir.resolve("base");
        TinyRuns.model().save(base, DType.F32);
    }

    private static CausalLm adapter(Path base, double alpha) {
        return LoraModels.fresh(base, LoraConfig.of(2, alpha), DataType.FLOAT, 3);
    }

    @Test
    void aRunThatIsResumedEndsBitForBitAndItsCheckpointsHoldTheAdapterAlone() {
        CausalLm straight = adapter(base, 4);
        CheckpointPolicy all =
                CheckpointPolicy.every(5, dir.resolve("run")).keep(9, 0).synchronous();
        TinyRuns.trainer(straight).checkpoints(all).build().fit(DATA);
        Path checkpoint = new CheckpointStore(dir.resolve("run")).directory(5);
        assertTrue(Files.exists(checkpoint.resolve("adapter_model.safetensors")));
        assertFalse(Files.exists(checkpoint.resolve("model.safetensors")));
        CausalLm resumed = adapter(base, 4);
        TinyRuns.trainer(resumed).resume(checkpoint).build().fit(DATA);
        assertArrayEquals(TinyRuns.weights(straight), TinyRuns.weights(resumed));
        CausalLm opened = LoraModels.load(checkpoint, null, DataType.FLOAT);
        TinyRuns.trainer(opened).resume(checkpoint).build().fit(DATA);
        assertArrayEquals(TinyRuns.weights(straight), TinyRuns.weights(opened), "the directory is a model as well");
    }

    @Test
    void anotherBaseAndAnotherAdapterAreRefusedByName() {
        CheckpointPolicy policy = CheckpointPolicy.every(5, dir.resolve("run")).synchronous();
        TinyRuns.trainer(adapter(base, 4))
                .maxSteps(5)
                .checkpoints(policy)
                .build()
                .fit(DATA);
        Path checkpoint = new CheckpointStore(dir.resolve("run")).directory(5);
        Path other = dir.resolve("other");
        CausalLm.create(TinyRuns.CONFIG, null, 12).save(other, DType.F32);
        refused(checkpoint, adapter(other, 4), "base model: ");
        refused(checkpoint, adapter(base, 8), "alpha=4.0");
        refused(checkpoint, TinyRuns.model(), "no adapter");
    }

    private static void refused(Path checkpoint, CausalLm model, String reason) {
        PsftTrainer trainer =
                TinyRuns.trainer(model).maxSteps(5).resume(checkpoint).build();
        String message =
                assertThrows(CheckpointException.class, () -> trainer.fit(DATA)).getMessage();
        assertTrue(message.contains(reason), message);
    }

    @Test
    void theBaseInsideAModelHasTheFingerprintOfTheBaseAlone() {
        CausalLm model = adapter(base, 4);
        TinyRuns.trainer(model).build().fit(DATA);
        assertEquals(ModelFingerprint.of(CausalLm.load(base)), ModelFingerprint.ofBase(model));
    }

    @Test
    void activationsThatAreComputedAgainChangeNoBit() {
        CausalLm kept = adapter(base, 4);
        CausalLm again = adapter(base, 4);
        TinyRuns.trainer(kept).build().fit(DATA);
        TinyRuns.trainer(again)
                .settings(new Training(1, 0, 5, 0, Training.Recompute.BLOCKS))
                .build()
                .fit(DATA);
        assertArrayEquals(TinyRuns.weights(kept), TinyRuns.weights(again));
    }

    private static CausalLm dropping(Path base, double rate) {
        return LoraModels.fresh(base, LoraConfig.of(2, 4).withDropout(rate), DataType.FLOAT, 3);
    }

    @Test
    void dropoutIsTheSameAfterARestartAndWhereActivationsAreComputedAgain() {
        CausalLm straight = dropping(base, 0.3);
        CheckpointPolicy all =
                CheckpointPolicy.every(5, dir.resolve("run")).keep(9, 0).synchronous();
        TinyRuns.trainer(straight).checkpoints(all).build().fit(DATA);
        CausalLm resumed = dropping(base, 0.3);
        TinyRuns.trainer(resumed)
                .resume(new CheckpointStore(dir.resolve("run")).directory(5))
                .settings(new Training(1, 0, 5, 0, Training.Recompute.BLOCKS))
                .build()
                .fit(DATA);
        assertArrayEquals(TinyRuns.weights(straight), TinyRuns.weights(resumed));
        CausalLm without = dropping(base, 0);
        TinyRuns.trainer(without).build().fit(DATA);
        assertFalse(Arrays.equals(TinyRuns.weights(straight), TinyRuns.weights(without)), "it leaves inputs out");
    }

    /** What a token loses depends on its sequence and place, not on its neighbours in a batch. */
    @Test
    void dropoutDoesNotDependOnMicroBatches() {
        CausalLm whole = dropping(base, 0.3);
        CausalLm cut = dropping(base, 0.3);
        TinyRuns.trainer(whole).microBatch(2).build().fit(DATA);
        TinyRuns.trainer(cut).microBatch(1).build().fit(DATA);
        assertArrayEquals(TinyRuns.weights(whole), TinyRuns.weights(cut), 1e-5f);
    }

    @Test
    void aFingerprintCoversTheBase() {
        Path other = dir.resolve("other");
        CausalLm.create(TinyRuns.CONFIG, null, 12).save(other, DType.F32);
        CausalLm one = adapter(base, 4);
        assertEquals(ModelFingerprint.of(one), ModelFingerprint.of(adapter(base, 4)));
        assertFalse(ModelFingerprint.of(one).equals(ModelFingerprint.of(adapter(other, 4))), "another base");
        assertFalse(ModelFingerprint.of(one).equals(ModelFingerprint.of(adapter(base, 8))), "another scaling");
    }

    @Test
    void parametersOfAnAdapterAreKnownBeforeItIsMade() {
        assertEquals(adapter(base, 4).trainedParameters(), LoraModels.parameters(base, LoraConfig.of(2, 4)));
    }
}
