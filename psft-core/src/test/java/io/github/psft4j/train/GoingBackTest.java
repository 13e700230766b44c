package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.checkpoint.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who goes back to an older checkpoint, or starts anew where a run was, keeps what he goes back to, what he writes
 * then, and what he turned away from.
 */
class GoingBackTest {

    private static final List<Demonstration> DATA = TinyRuns.demonstrations(8);

    @TempDir
    Path dir;

    private CheckpointStore store;

    private static TrainerBuilder builder(CausalLm model, int steps) {
        return PsftTrainer.builder(model)
                .macroBatch(8)
                .miniBatch(2)
                .learningRate(3e-3)
                .maxSteps(steps);
    }

    private CheckpointPolicy every(int steps) {
        return CheckpointPolicy.every(steps, dir).bestBy(StepMetrics::nll);
    }

    /** Steps 2, 4 and 6. */
    @BeforeEach
    void aRun() {
        store = new CheckpointStore(dir);
        builder(TinyRuns.model(), 6).checkpoints(every(2).keep(3, 0)).build().fit(DATA);
    }

    @Test
    void whatWasGoneBackToAndWhatComesThenOutliveTheBranchThatWasLeft() throws IOException {
        Map<String, String> before = manifests();
        CausalLm other = TinyRuns.model();
        builder(other, 3)
                .learningRate(1e-3)
                .checkpoints(every(1))
                .resume(store.directory(2))
                .build()
                .fit(DATA);
        Map<String, String> after = manifests();
        assertEquals(
                List.of("abandoned-step-00000004", "abandoned-step-00000006", "step-00000002", "step-00000003"),
                List.copyOf(after.keySet()));
        assertEquals(before.get("step-00000002"), after.get("step-00000002"));
        assertEquals(before.get("step-00000004"), after.get("abandoned-step-00000004"));
        assertEquals(before.get("step-00000006"), after.get("abandoned-step-00000006"));
        assertEquals(store.directory(3), store.newestIntact().orElseThrow());
        // The branch that was left can be gone on with: the other one is then set aside in its turn.
        Path left = dir.resolve("abandoned-step-00000006");
        builder(TinyRuns.model(), 7).checkpoints(every(1)).resume(left).build().fit(DATA);
        assertEquals(
                List.of(
                        "abandoned-step-00000002",
                        "abandoned-step-00000003",
                        "abandoned-step-00000004",
                        "abandoned-step-00000006",
                        "step-00000007"),
                List.copyOf(manifests().keySet()));
    }

    @Test
    void aNewRunWhereOneWasSetsItsCheckpointsAsideAsOftenAsItHappens() throws IOException {
        CausalLm straight = TinyRuns.model();
        builder(straight, 2).build().fit(DATA);
        for (int i = 0; i < 2; i++) {
            CausalLm model = TinyRuns.model();
            builder(model, 2).checkpoints(every(1)).build().fit(DATA);
            assertArrayEquals(TinyRuns.weights(straight), TinyRuns.weights(model));
        }
        assertEquals(
                List.of(
                        "abandoned-step-00000001",
                        "abandoned-step-00000002",
                        "abandoned-step-00000002-2",
                        "abandoned-step-00000004",
                        "abandoned-step-00000006",
                        "step-00000001",
                        "step-00000002"),
                List.copyOf(manifests().keySet()));
        assertEquals(store.directory(2), store.newestIntact().orElseThrow());
    }

    /**
     * The best checkpoint would lose its metric if it were written again: that of a step that was not trained now is
     * not known.
     */
    @Test
    void aRunThatDoesNotTrainChangesNoCheckpoint() throws IOException {
        Map<String, String> before = manifests();
        assertTrue(before.get("step-00000006").contains("\"metric\" : "), before.get("step-00000006"));
        builder(TinyRuns.model(), 6)
                .checkpoints(every(2))
                .resumeNewest()
                .build()
                .fit(DATA);
        assertEquals(before, manifests(), "resumed at its end");
        Path sameDirectory = dir.resolve("..").resolve(dir.getFileName());
        PsftTrainer stopped = builder(TinyRuns.model(), 6)
                .checkpoints(every(2))
                .resume(sameDirectory.resolve("step-00000004"))
                .build();
        stopped.requestStop();
        stopped.fit(DATA);
        assertEquals(before, manifests(), "stopped before the first step");
        PsftTrainer refused = builder(TinyRuns.model(), 6)
                .checkpoints(every(2))
                .seed(7)
                .resume(store.directory(2))
                .build();
        assertThrows(CheckpointException.class, () -> refused.fit(DATA));
        assertEquals(before, manifests(), "refused");
    }

    /** Every checkpoint that there is, whole to the last bit, under whatever name. */
    private Map<String, String> manifests() throws IOException {
        Map<String, String> out = new TreeMap<>();
        try (Stream<Path> files = Files.list(dir)) {
            for (Path checkpoint : files.filter(Files::isDirectory).toList()) {
                Manifest.read(checkpoint).verify(checkpoint);
                out.put(checkpoint.getFileName().toString(), Files.readString(checkpoint.resolve(Manifest.NAME)));
            }
        }
        return out;
    }
}
