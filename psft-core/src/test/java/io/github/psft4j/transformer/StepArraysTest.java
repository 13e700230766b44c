package io.github.psft4j.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.GoldenBatches;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.train.memory.StepWorkspaces;
import io.github.psft4j.transformer.BlockForward.Room;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.abstracts.Nd4jWorkspace;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** What the count says is what a step takes from the workspaces, which therefore never grow. */
class StepArraysTest {

    /** Ids, labels and masks of a tiny batch lie in the workspace, too. */
    private static final long INPUTS = 2_000;

    @ParameterizedTest
    @CsvSource({
        "llama-tiny, FLOAT, false, 0, 0, 1",
        "llama-tiny, FLOAT, true, 0, 0, 1",
        "qwen3-tiny, FLOAT, false, 0, 0, 1",
        "qwen3-tiny, DOUBLE, true, 0, 0, 1",
        "gpt2-tiny, DOUBLE, false, 0, 0, 1",
        "gpt2-tiny, FLOAT, true, 0, 0, 1",
        "llama-tiny, FLOAT, false, 4, 0, 1",
        "llama-tiny, FLOAT, true, 4, 0, 1",
        "llama-tiny, FLOAT, false, 4, 0.1, 1",
        "llama-tiny, FLOAT, true, 4, 0.1, 1",
        "llama-tiny, FLOAT, false, 0, 0, 2000" // so many tokens that no norm is kept
    })
    void workspacesAreMadeAsLargeAsAStepNeeds(
            String name, DataType type, boolean recompute, int rank, double dropout, int times) throws Exception {
        Path dir = Path.of("src/test/resources/golden", name);
        CausalLm model = rank == 0 ? CausalLm.load(dir, type) : LoraModels.fresh(dir, LoraConfig.of(rank, 8), type, 3);
        DecoderGraph.setRecompute(model.graph(), recompute);
        try (SafetensorsReader golden = SafetensorsReader.open(dir.resolve("golden.safetensors"))) {
            MultiDataSet batch = GoldenBatches.repeated(GoldenBatches.batch(golden, 1, type), times);
            Room room = Room.of(List.of(DecoderGraph.weights(model.graph(), 0)));
            if (dropout > 0) {
                room = room.underDropout(model.config());
                AdapterDropout inputs = new AdapterDropout(dropout, 1);
                inputs.next(
                        1,
                        IntStream.range(0, (int) batch.getFeatures(0).size(0)).toArray());
                AdapterDropout.install(model.graph(), inputs);
            }
            StepArrays arrays = StepArrays.of(
                    model.config(),
                    new StepArrays.Pass(
                            (int) batch.getFeatures(0).size(0),
                            (int) batch.getLabels(0).size(2),
                            type.width(),
                            recompute,
                            room));
            try (StepWorkspaces workspaces = StepWorkspaces.reserve(arrays)) {
                Nd4jWorkspace kept = workspace("WS_ALL_LAYERS_ACT");
                Nd4jWorkspace working = workspace("WS_LAYER_WORKING_MEM");
                long keptSize = kept.getCurrentSize();
                long workingSize = working.getCurrentSize();
                for (int step = 0; step < 2; step++) {
                    model.graph().setInputs(batch.getFeatures());
                    model.graph().setLabels(batch.getLabels());
                    model.graph().setLayerMaskArrays(null, batch.getLabelsMaskArrays());
                    model.graph().computeGradientAndScore();
                    assertEquals(keptSize, kept.getCurrentSize());
                    assertEquals(workingSize, working.getCurrentSize());
                    assertEquals(0, kept.getSpilledSize() + working.getSpilledSize());
                    within(arrays.kept(), kept.getLastCycleAllocations(), times * INPUTS);
                    within(
                            arrays.working(),
                            working.getMaxCycleAllocations(),
                            rank == 0 ? 1_000 : arrays.working() / 3);
                }
            }
            assertTrue(!Nd4j.getWorkspaceManager().checkIfWorkspaceExists("WS_ALL_LAYERS_ACT"), "given back");
        }
    }

    private static void within(long planned, long used, long tolerance) {
        assertTrue(Math.abs(planned - used) <= tolerance, planned + " planned, " + used + " used");
    }

    private static Nd4jWorkspace workspace(String id) {
        return (Nd4jWorkspace) Nd4j.getWorkspaceManager().getWorkspaceForCurrentThread(id);
    }
}
