package io.github.psft4j.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.train.checkpoint.RunLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code psft train} in the directory of a run that goes on is refused before it writes or deletes anything there. */
class SecondTrainTest {

    private static final Path MODEL =
            Path.of("../psft-core/src/test/resources/models/stories260K").toAbsolutePath();

    @TempDir
    Path dir;

    private InProcess.Result train(Path run, String... more) throws IOException {
        Path data = Files.writeString(
                dir.resolve("data.jsonl"), "{\"input_ids\": [1, 2, 3, 4], \"loss_mask\": [0, 0, 1, 1]}\n".repeat(4));
        Path config = Files.writeString(
                dir.resolve("run.yaml"),
                String.format(
                        "{\"model\": {\"path\": \"%s\"}, \"data\": {\"train\": \"%s\"}, \"run\": {\"dir\": \"%s\"},"
                                + " \"batch\": {\"macro\": 4, \"mini\": 2}}",
                        slashes(MODEL), slashes(data), slashes(run)));
        List<String> arguments = new ArrayList<>(List.of("train", "--config", config.toString()));
        arguments.addAll(List.of(more));
        return InProcess.run(arguments.toArray(String[]::new));
    }

    /** Windows takes them, and JSON would read a backslash as an escape. */
    private static String slashes(Path path) {
        return path.toString().replace('\\', '/');
    }

    private static Map<String, String> files(Path run) throws IOException {
        Map<String, String> out = new TreeMap<>();
        try (Stream<Path> all = Files.walk(run)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                out.put(run.relativize(file).toString(), Files.size(file) + " " + Files.getLastModifiedTime(file));
            }
        }
        return out;
    }

    @Test
    void aRunThatGoesOnKeepsEveryFile() throws IOException {
        Path run = dir.resolve("run");
        InProcess.Result first = train(run, "--set", "checkpoint.every=1");
        assertEquals(ExitCodes.OK, first.code(), first.err());
        Map<String, String> before = files(run);
        assertTrue(before.keySet().containsAll(List.of("config.resolved.yaml", "metrics.jsonl")), before.toString());
        try (RunLock goesOn = RunLock.acquire(run)) {
            Map<String, String> locked = files(run);
            for (List<String> more : List.of(
                    List.of("--set", "run.overwrite=true"),
                    List.of("--set", "run.overwrite=true", "--set", "checkpoint.every=1"),
                    List.of("--resume", "auto"),
                    List.of("--resume", "auto", "--set", "checkpoint.every=1"))) {
                InProcess.Result second = train(run, more.toArray(String[]::new));
                assertEquals(ExitCodes.REFUSED, second.code(), second.err());
                assertTrue(second.err().contains("another trainer is writing to"), second.err());
                assertEquals(locked, files(run), more.toString());
            }
        }
        InProcess.Result replaced = train(run, "--set", "run.overwrite=true"); // free again, and without checkpoints
        assertEquals(ExitCodes.OK, replaced.code(), replaced.err());
    }
}
