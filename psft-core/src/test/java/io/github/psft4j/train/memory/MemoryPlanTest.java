package io.github.psft4j.train.memory;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.train.optimizer.Moments;
import io.github.psft4j.train.optimizer.Optimizer;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.train.settings.Training.Recompute;
import io.github.psft4j.transformer.BlockForward.Room;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A run that cannot fit is refused before anything is loaded, by what training takes and not by the weights. */
class MemoryPlanTest {

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

    private static final ModelNumbers MODEL = ModelNumbers.of(SEVEN_BILLION, Float.BYTES, Precision.F32);

    private static Batch batch(int micro) {
        return Setting.create(Batch.class, Map.of("macroBatch", 8, "miniBatch", 8, "microBatch", micro));
    }

    private static RunNumbers run(int micro, Recompute recompute, int longest, boolean staged) {
        Training training = Setting.create(Training.class, Map.of("recompute", recompute));
        return new RunNumbers(batch(micro), training, Setting.create(Optimizer.class, Map.of()), longest, staged, 0, 1);
    }

    private static MemoryPlan of(int micro, boolean staged, boolean reference) {
        return MemoryPlan.of(
                MODEL.withReference(reference ? SEVEN_BILLION.parameters() : 0), run(micro, Recompute.NONE, 0, staged));
    }

    private static MemoryPlan with(Recompute recompute) {
        return MemoryPlan.of(MODEL, run(8, recompute, 2049, false));
    }

    @Test
    void everyRunHoldsSixteenBytesPerParameterAndMoreWhereItsSettingsNeedIt() {
        long p = SEVEN_BILLION.parameters();
        assertEquals(7_615_616_512L, p);
        assertEquals(16 * p, MemoryPlan.least(SEVEN_BILLION));
        assertEquals(16 * p, of(8, false, false).certain());
        assertEquals(16 * p, of(1, false, false).certain());
        assertEquals(28 * p, of(8, true, false).certain());
        assertEquals(32 * p, of(1, true, true).certain());
        assertEquals(32, of(1, true, true).perParameter());
    }

    @Test
    void aSumOverMicroBatchesTakesTheGradientsOfATableAndOfABlockMore() {
        long table = 152_064L * 3584;
        long block = (SEVEN_BILLION.parameters() - 2 * table) / 28;
        assertEquals(
                4 * (table + block),
                of(1, false, false).total() - of(8, false, false).total());
    }

    @Test
    void momentsInBfloat16TakeTwoBytesEachInMemoryAndInTheCopy() {
        RunNumbers full = run(8, Recompute.NONE, 0, true);
        long p = SEVEN_BILLION.parameters();
        MemoryPlan half = MemoryPlan.of(MODEL, full.with(full.optimizer().with(Moments.BF16)));
        assertEquals((4 + 4 + 4 + 4 + 4) * p, half.certain());
    }

    @Test
    void anAdapterHasGradientMomentsAndCopyAndFrozenWeightsAreWeightsAlone() {
        long p = SEVEN_BILLION.parameters();
        long adapter = 40_000_000;
        MemoryPlan run = MemoryPlan.of(MODEL.withAdapter(adapter, Room.of(48)), run(1, Recompute.NONE, 0, true));
        assertEquals(4 * p + (1 + 1 + 2 + 3) * 4 * adapter, run.certain());
        assertEquals(4 * p + 16 * adapter, MemoryPlan.least(SEVEN_BILLION, adapter));
    }

    @Test
    void samplesHoldTheirKeysAndValuesInPagesAndThoseOfAPromptOnce() {
        RunNumbers run = run(8, Recompute.NONE, 2049, false);
        RunNumbers.Samples samples = new RunNumbers.Samples(16, 8, 2049 - 250);
        int pages = 2 * 7 + 16 * (65 - 7); // of 32 tokens; a prompt fills 7, the last one of a text holds 1 token
        assertEquals(
                32 * pages * GenerationMemory.perToken(MODEL),
                MemoryPlan.of(MODEL, run.sampling(samples)).total()
                        - MemoryPlan.of(MODEL, run).total());
    }

    @Test
    void recomputationKeepsTheActivationsOfOneBlock() {
        long kept = with(Recompute.NONE).step().kept();
        long recomputed = with(Recompute.BLOCKS).step().kept();
        assertTrue(recomputed < kept / 8, recomputed + " of " + kept);
        long tokens = 8 * 2048;
        assertEquals(tokens * 3584 * 4 * (28 + 2) + tokens * 4, recomputed, "every block's input, and the last norm");
    }

    @Test
    void productsInBfloat16HoldTheWeightsAgainButOnlyTwoBlocksWithRecomputation() {
        ModelNumbers half = ModelNumbers.of(SEVEN_BILLION, Float.BYTES, Precision.BF16);
        long table = 2L * 152_064 * 3584;
        long copies = half.copies();
        assertTrue(copies > 2 * SEVEN_BILLION.parameters() - table - GB / 100 && copies < 2 * 7_615_616_512L - table);
        assertEquals(
                copies, MemoryPlan.of(half, run(8, Recompute.NONE, 0, false)).heldCopies());
        long few = MemoryPlan.of(half, run(8, Recompute.BLOCKS, 0, false)).heldCopies();
        assertEquals(table + 2 * (copies - table) / 28, few);
        assertEquals(0, with(Recompute.NONE).heldCopies());
    }

    @Test
    void aModelThatOnlyGeneratesInBf16HasNoOtherWeights() {
        ModelNumbers half = ModelNumbers.of(SEVEN_BILLION, Float.BYTES, Precision.BF16);
        long float32 = GenerationMemory.of(MODEL, 1, 8, 16).stream()
                .mapToLong(MemoryPlan.Part::bytes)
                .sum();
        long bf16 = GenerationMemory.of(half, 1, 8, 16).stream()
                .mapToLong(MemoryPlan.Part::bytes)
                .sum();
        assertEquals(2 * SEVEN_BILLION.parameters(), float32 - bf16);
        assertEquals(2 * SEVEN_BILLION.parameters(), GenerationMemory.weights(half));
    }

    @Test
    void autoChoosesBlocksOnlyIfNoneDoesNotFit() {
        MemoryPlan auto = with(Recompute.AUTO);
        long none = with(Recompute.NONE).total();
        assertEquals(Recompute.NONE, auto.chosen(none).run().train().recompute());
        assertEquals(Recompute.BLOCKS, auto.chosen(none - 1).run().train().recompute());
        assertEquals(Recompute.NONE, auto.chosen(0).run().train().recompute(), "a machine that does not say");
        assertEquals(
                Recompute.BLOCKS,
                with(Recompute.BLOCKS).chosen(none).run().train().recompute());
        assertEquals(with(Recompute.BLOCKS).total(), auto.chosen(1).total());
    }

    @Test
    void saversAreRankedAndSaveWhatThePlanWithThemSaves() {
        MemoryPlan plan = MemoryPlan.of(MODEL, run(8, Recompute.NONE, 2049, true));
        List<MemorySaver> savers = plan.savers();
        assertEquals(
                Set.of(
                        "lora.r: 16",
                        "train.recompute: blocks",
                        "checkpoint.asynchronous: false",
                        "optimizer.moments: bf16",
                        "batch.micro: 1",
                        "data.max_length: 1025",
                        "batch.micro: 4"),
                savers.stream().map(MemorySaver::setting).collect(Collectors.toSet()));
        for (int i = 0; i < savers.size(); i++) {
            assertEquals(
                    plan.total() - savers.get(i).plan().total(), savers.get(i).saves());
            assertTrue(i == 0 || savers.get(i - 1).saves() >= savers.get(i).saves());
        }
        assertEquals("lora.r: 16", savers.get(0).setting(), "no gradient and no moments of the weights");
    }

    @Test
    void microBatchesAreNotProposedThatTheObjectiveRefuses() {
        RunNumbers run = run(4, Recompute.NONE, 2049, false);
        for (int together : new int[] {2, 8}) {
            RunNumbers bound = new RunNumbers(run.batch(), run.train(), run.optimizer(), 2049, false, 0, together);
            for (MemorySaver saver : MemoryPlan.of(MODEL, bound).savers()) {
                assertEquals(0, saver.plan().run().batch().microBatch() % (together == 8 ? 4 : 2), saver.setting());
            }
        }
    }

    @Test
    void passesWithoutGradientsCountWhereTheObjectiveNeedsThem() {
        assertEquals(0, RunNumbers.scored(new SftObjective(), batch(2)));
        Batch several = Setting.create(Batch.class, Map.of("macroBatch", 16, "miniBatch", 8, "microBatch", 2));
        assertEquals(2, RunNumbers.scored(new PsftObjective(), several));
        assertEquals(0, RunNumbers.scored(new PsftObjective(), batch(2)), "K = 1 needs no pi_old");
    }

    @Test
    void refusalNamesTheNeedAndWhatWouldMakeItFit() {
        String message = assertThrows(
                        TrainingMemoryException.class, () -> of(1, true, false).require(24 * GB, 24 * GB))
                .getMessage();
        assertTrue(message.startsWith("training needs at least 213.2 GB, this machine has 24.0 GB"), message);
        assertTrue(message.contains("would not suffice") && message.contains("up to 857 million parameters"), message);
        String fits = assertThrows(
                        TrainingMemoryException.class, () -> of(1, true, false).require(150 * GB, 150 * GB))
                .getMessage();
        assertTrue(fits.contains("use checkpoint.asynchronous: false"), fits);
        assertTrue(fits.contains("or train an adapter: lora.r: 16 (saves "), fits);
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
        MemoryPlan run = with(Recompute.NONE);
        assertTrue(run.total() > run.certain() + 20 * GB, "activations of 16,384 tokens: " + run.step());
        assertDoesNotThrow(() -> run.require(run.certain() + 1, run.certain() + 1));
        assertDoesNotThrow(() -> run.require(GB, run.certain() + 1), "swap counts");
        assertDoesNotThrow(() -> run.require(0, 0), "a machine that does not say");
    }
}
