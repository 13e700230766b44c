package io.github.psft4j.train.memory;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.settings.Setting;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A run that cannot fit is refused before anything is loaded, by what training takes and not by the weights. */
class TrainingMemoryTest {

    private static final long GB = 1_000_000_000;

    /** The shape of Qwen2.5-7B. */
    private static final DecoderConfig SEVEN_BILLION = DecoderConfig.builder()
            .vocabSize(152_064)
            .hiddenSize(3584)
            .intermediateSize(18_944)
            .layers(28)
            .heads(28)
            .kvHeads(4)
            .headDim(128)
            .maxPositions(32_768)
            .qkvBias(true)
            .build();

    private static Batch batch(int micro) {
        return Setting.create(Batch.class, Map.of("macroBatch", 8, "miniBatch", 8, "microBatch", micro));
    }

    @Test
    void everyRunHoldsSixteenBytesPerParameterAndMoreWhereItsSettingsNeedIt() {
        long p = SEVEN_BILLION.parameters();
        assertEquals(7_615_616_512L, p);
        assertEquals(16 * p, TrainingMemory.least(SEVEN_BILLION));
        assertEquals(16 * p, of(8, false, false).certain());
        assertEquals(20 * p, of(1, false, false).certain());
        assertEquals(28 * p, of(8, true, false).certain());
        assertEquals(36 * p, of(1, true, true).certain());
        assertEquals(36, of(1, true, true).perParameter());
    }

    private static TrainingMemory of(int micro, boolean staged, boolean reference) {
        long frozen = reference ? SEVEN_BILLION.parameters() : 0;
        return TrainingMemory.of(SEVEN_BILLION, Float.BYTES, batch(micro), training(), 0, staged, frozen, 0);
    }

    private static Training training() {
        return Setting.create(Training.class, Map.of());
    }

    @Test
    void anAdapterHasGradientMomentsAndCopyAndFrozenWeightsAreWeightsAlone() {
        long p = SEVEN_BILLION.parameters();
        long adapter = 40_000_000;
        TrainingMemory run = TrainingMemory.of(SEVEN_BILLION, Float.BYTES, batch(1), training(), 0, true, 0, adapter);
        assertEquals(4 * p + (1 + 1 + 2 + 1 + 3) * 4 * adapter, run.certain());
        assertEquals(4 * p + 16 * adapter, TrainingMemory.least(SEVEN_BILLION, adapter));
    }

    @Test
    void recomputationKeepsTheActivationsOfOneBlock() {
        Training blocks = Setting.create(Training.class, Map.of("recompute", Training.Recompute.BLOCKS));
        long kept = TrainingMemory.of(SEVEN_BILLION, Float.BYTES, batch(8), training(), 2048, false, 0, 0)
                .activations();
        long recomputed = TrainingMemory.of(SEVEN_BILLION, Float.BYTES, batch(8), blocks, 2048, false, 0, 0)
                .activations();
        assertTrue(recomputed < kept / 8, recomputed + " of " + kept);
    }

    @Test
    void refusalNamesTheNeedAndWhatWouldMakeItFit() {
        String message = assertThrows(
                        TrainingMemoryException.class, () -> of(1, true, false).require(24 * GB, 24 * GB))
                .getMessage();
        assertTrue(message.startsWith("training needs at least 243.7 GB, this machine has 24.0 GB"), message);
        assertTrue(message.contains("would not suffice") && message.contains("up to 750 million parameters"), message);
        String fits = assertThrows(
                        TrainingMemoryException.class, () -> of(1, true, false).require(150 * GB, 150 * GB))
                .getMessage();
        assertTrue(
                fits.contains("use batch.micro equal to batch.mini (saves 30.5 GB), checkpoint.asynchronous: false"),
                fits);
        assertEquals(
                OutOfMemoryError.class,
                assertThrows(
                                TrainingMemoryException.class,
                                () -> of(1, true, false).require(GB, GB))
                        .getCause()
                        .getClass());
    }

    @Test
    void runInDoubtIsNotRefused() {
        TrainingMemory run = TrainingMemory.of(SEVEN_BILLION, Float.BYTES, batch(8), training(), 2048, false, 0, 0);
        assertTrue(run.likely() > run.certain() + 20 * GB, "activations of 16,384 tokens: " + run.activations());
        assertDoesNotThrow(() -> run.require(run.certain() + 1, run.certain() + 1));
        assertDoesNotThrow(() -> run.require(GB, run.certain() + 1), "swap counts");
        assertDoesNotThrow(() -> run.require(0, 0), "a machine that does not say");
    }
}
