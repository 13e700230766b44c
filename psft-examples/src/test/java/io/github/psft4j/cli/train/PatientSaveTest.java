package io.github.psft4j.cli.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.model.CausalLm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights that exist in memory alone are not given up at the first failure of the disk. */
class PatientSaveTest {

    @TempDir
    Path dir;

    private final CausalLm model = CausalLm.load(Path.of("../psft-core/src/test/resources/models/stories260K"));
    private final List<String> said = new ArrayList<>();

    /** A file lies where the directory belongs until the message appears. */
    @Test
    void savesOnceTheObstacleIsGone() throws IOException {
        Path obstacle = Files.writeString(dir.resolve("run"), "in the way");
        Path target = obstacle.resolve("final");
        new PatientSave(3, Duration.ofMillis(1)).save(model, target, DType.F32, line -> {
            said.add(line);
            obstacle.toFile().delete();
        });
        assertEquals(1, said.size());
        assertTrue(said.get(0).contains("final") && said.get(0).contains("make room"), said.get(0));
        assertArrayEquals(
                model.graph().params().toFloatVector(),
                CausalLm.load(target).graph().params().toFloatVector());
    }

    @Test
    void failsWithTheReasonWhenPatienceEnds() throws IOException {
        Path target = Files.writeString(dir.resolve("run"), "in the way").resolve("final");
        PatientSave save = new PatientSave(3, Duration.ofMillis(1));
        UncheckedIOException e =
                assertThrows(UncheckedIOException.class, () -> save.save(model, target, DType.F32, said::add));
        assertTrue(e.getMessage().contains("final"), e.getMessage());
        assertEquals(1, said.size(), "one message, not one per attempt");
    }
}
