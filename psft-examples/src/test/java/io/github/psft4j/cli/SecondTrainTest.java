package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.cli.console.ExitCodes;
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

    /** The obvious next command after a run without checkpoints must not replace its model. */
    @Test
    void goingOnWithoutACheckpointKeepsAFinishedRun() throws IOException {
        Path run = dir.resolve("run");
        assertEquals(ExitCodes.OK, train(run).code());
        Map<String, String> before = records(run);
        InProcess.Result again = train(run, "--resume", "auto");
        assertEquals(ExitCodes.REFUSED, again.code(), again.err());
        assertTrue(again.err().contains("finished run") && again.err().contains("run.overwrite=true"), again.err());
        assertEquals(before, records(run));
        assertFalse(train(run).err().contains("--resume auto"), "nothing to go on from");

        Files.move(run.resolve("final"), dir.resolve("elsewhere")); // as if it had been broken off
        InProcess.Result anew = train(run, "--resume", "auto");
        assertEquals(ExitCodes.OK, anew.code(), anew.err());
        assertTrue(anew.err().contains("starts from the beginning"), anew.err());
    }

    /** What is refused leaves nothing that stands in the way of the next attempt, and replaces nothing. */
    @Test
    void aRefusedRunWritesAndRemovesNothing() throws IOException {
        Path run = dir.resolve("run");
        assertEquals(
                ExitCodes.REFUSED,
                train(run, "--set", "data.train=" + dir.resolve("missing.jsonl"))
                        .code());
        InProcess.Result first = train(run, "--set", "checkpoint.every=1");
        assertEquals(ExitCodes.OK, first.code(), first.err());
        Map<String, String> before = records(run);
        Path noMetrics = Files.writeString(dir.resolve("none.jsonl"), "step,nll\n");
        Path noNll = Files.writeString(dir.resolve("steps.jsonl"), "{\"step\": 1}\n");
        for (List<String> more : List.of(
                List.of("--set", "run.overwrite=true", "--set", "monitor.sft_metrics=" + noNll),
                List.of("--set", "run.overwrite=true", "--set", "data.train=" + dir.resolve("missing.jsonl")),
                List.of("--set", "run.overwrite=true", "--set", "monitor.sft_metrics=" + noMetrics),
                List.of(
                        "--set",
                        "run.overwrite=true",
                        "--set",
                        "eval.data=" + dir.resolve("data.jsonl"),
                        "--set",
                        "eval.prompts=[" + "a ".repeat(600) + "]"),
                List.of("--resume", "auto", "--set", "checkpoint.every=1", "--set", "run.seed=7"))) {
            InProcess.Result refused = train(run, more.toArray(String[]::new));
            assertEquals(ExitCodes.REFUSED, refused.code(), refused.err());
            assertEquals(before, records(run), more.toString());
        }
    }

    /** All files but the lock, which every attempt takes. */
    private static Map<String, String> records(Path run) throws IOException {
        Map<String, String> out = files(run);
        out.keySet().remove(".lock");
        return out;
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
