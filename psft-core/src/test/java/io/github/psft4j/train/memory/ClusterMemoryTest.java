package io.github.psft4j.train.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.train.memory.MemoryPlan.Part;
import io.github.psft4j.train.optimizer.Optimizer;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.transformer.BlockForward.Room;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A plan is parted between driver and executors: nothing of it is lost, and what only a cluster holds is added. */
class ClusterMemoryTest {

    private static final DecoderConfig CONFIG = DecoderConfig.builder()
            .vocabSize(1000)
            .hiddenSize(64)
            .intermediateSize(128)
            .layers(2)
            .heads(4)
            .kvHeads(2)
            .maxPositions(128)
            .build();

    private static final ModelNumbers MODEL = ModelNumbers.of(CONFIG, Float.BYTES, Precision.F32);
    private static final long VECTOR = 4 * CONFIG.parameters();

    private static MemoryPlan plan(ModelNumbers model, int micro) {
        Batch batch = Setting.create(Batch.class, Map.of("macroBatch", 8, "miniBatch", 8, "microBatch", micro));
        return MemoryPlan.of(
                model,
                new RunNumbers(
                        batch,
                        Setting.create(Training.class, Map.of()),
                        Setting.create(Optimizer.class, Map.of()),
                        33,
                        true,
                        micro,
                        1));
    }

    private static Map<String, Long> bytes(List<Part> parts) {
        return parts.stream().collect(Collectors.toMap(Part::what, Part::bytes));
    }

    @Test
    void theDriverHoldsTheOptimizerTheSumAndInItsHeapTheGradientsOfAllSlices() {
        ClusterMemory cluster = ClusterMemory.of(plan(MODEL, 3), Float.BYTES); // three slices, the last one smaller
        Map<String, Long> driver = bytes(cluster.driver());
        assertEquals(VECTOR, driver.get("weights"));
        assertEquals(VECTOR, driver.get("gradient of a slice"));
        assertEquals(VECTOR, driver.get("sum of the slices' gradients"));
        assertEquals(2 * VECTOR, driver.get("moments of AdamW"));
        assertEquals(3 * VECTOR, driver.get("copy for checkpoints"));
        assertFalse(driver.containsKey("passes without gradients"), "executors make them");
        assertEquals((3 + 2) * VECTOR, cluster.driverHeap());

        ClusterMemory one = ClusterMemory.of(plan(MODEL, 8), Float.BYTES);
        assertFalse(bytes(one.driver()).containsKey("sum of the slices' gradients"), "one slice is its own sum");
        assertEquals((1 + 2) * VECTOR, one.driverHeap());
    }

    @Test
    void aTaskSlotHoldsTheRestOfThePlanWithoutTheOptimizer() {
        MemoryPlan plan = plan(MODEL, 2);
        ClusterMemory cluster = ClusterMemory.of(plan, Float.BYTES);
        Map<String, Long> expected = bytes(plan.parts());
        expected.keySet().removeAll(List.of("moments of AdamW", "copy for checkpoints", "gradients beside their sum"));
        assertEquals(expected, bytes(cluster.slot()));
        assertTrue(expected.containsKey("activations of 2 blocks"), expected.toString());
        assertEquals(3 * VECTOR, cluster.slotHeap());
    }

    @Test
    void ofAnAdapterOnlyItsOwnNumbersTravel() {
        ClusterMemory cluster = ClusterMemory.of(plan(MODEL.withAdapter(500, Room.of(6)), 4), Float.BYTES);
        assertEquals((2 + 2) * 4 * 500, cluster.driverHeap());
        assertEquals(3 * 4 * 500, cluster.slotHeap());
        assertEquals(VECTOR, bytes(cluster.driver()).get("frozen weights"));
        assertEquals(VECTOR, bytes(cluster.slot()).get("frozen weights"));
    }

    @Test
    void bfloat16OnTheWireHalvesTheHeapsAndNothingElse() {
        ClusterMemory full = ClusterMemory.of(plan(MODEL, 4), Float.BYTES);
        ClusterMemory half = ClusterMemory.of(plan(MODEL, 4), Short.BYTES);
        assertEquals(full.driverHeap(), 2 * half.driverHeap());
        assertEquals(full.slotHeap(), 2 * half.slotHeap());
        assertEquals(full.driver(), half.driver());
        assertEquals(full.slot(), half.slot());
    }

    @Test
    void aSlotTakesAtLeastFrozenWeightsAdapterAndGradient() {
        ModelNumbers adapter = MODEL.withAdapter(500, Room.of(6)).withFrozenWidth(Short.BYTES);
        assertEquals(2 * CONFIG.parameters() + 2 * 4 * 500, ClusterMemory.slotLeast(adapter));
        assertEquals(2 * VECTOR, ClusterMemory.slotLeast(MODEL));
    }
}
