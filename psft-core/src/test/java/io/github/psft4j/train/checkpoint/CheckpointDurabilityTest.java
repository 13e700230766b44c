package io.github.psft4j.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.faults.FaultyFiles;
import io.github.psft4j.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What must be on the device before what, and what is left in the run directory. */
class CheckpointDurabilityTest {

    @TempDir
    Path dir;

    private static void content(Path d) {
        AtomicFile.write(d.resolve("model"), new byte[] {1, 2, 3});
    }

    /** A power cut keeps what was flushed: a name must never come before its content. */
    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "opens no directory as a file, so that none is flushed")
    void filesAndDirectoryAreFlushedBeforeTheNameIsGivenAndTheNameAfterwards() {
        List<String> operations = new ArrayList<>();
        Path run = dir.resolve("run");
        CheckpointStore store = new CheckpointStore(FaultyFiles.wrap(run, o -> operations.add(o.toString())));
        Path written = store.write(1, null, Map.of(), CheckpointDurabilityTest::content);
        assertTrue(written.endsWith("step-00000001"), written.toString());
        List<String> order = List.of(
                "FORCE .model.*.tmp",
                "MOVE .model.*.tmp -> model",
                "FORCE .manifest.json.*.tmp",
                "MOVE .manifest.json.*.tmp -> manifest.json",
                "FORCE .unfinished-step-n",
                "MOVE .unfinished-step-n -> step-n",
                "FORCE run");
        List<Integer> at = new ArrayList<>();
        int from = 0;
        for (String next : order) {
            int i = operations.subList(from, operations.size()).indexOf(next);
            assertTrue(i >= 0, next + " does not come after " + order.subList(0, at.size()) + " in " + operations);
            at.add(from + i);
            from += i + 1;
        }
        int renamed = at.get(5);
        assertEquals(
                ".unfinished-step-n",
                operations.subList(0, renamed).stream()
                        .filter(o -> o.startsWith("FORCE"))
                        .reduce((a, b) -> b)
                        .map(o -> o.substring("FORCE ".length()))
                        .orElse(""),
                "last flush before the name");
    }

    @Test
    void nothingHiddenIsLeftByWritesFailuresAndPruning() throws IOException {
        CheckpointStore store = new CheckpointStore(dir);
        Files.createDirectories(dir.resolve(".discarded-step-00000001/half"));
        store.write(1, null, Map.of(), CheckpointDurabilityTest::content);
        store.write(1, null, Map.of(), CheckpointDurabilityTest::content);
        assertEquals(List.of("step-00000001"), names());
        store.write(2, null, Map.of(), CheckpointDurabilityTest::content);
        assertThrows(
                UncheckedIOException.class,
                () -> store.write(3, null, Map.of(), d -> {
                    content(d);
                    throw new IOException("No space left on device");
                }));
        assertEquals(List.of("step-00000001", "step-00000002"), names());
        Files.createDirectories(dir.resolve(".discarded-step-00000001/half")); // of a deletion that was broken off
        store.prune(new Retention(1, 0, false));
        assertEquals(List.of("step-00000002"), names());
    }

    @Test
    void aFailedRenameGivesTheOldOneItsNameBackAtOnce() throws IOException {
        Path first = new CheckpointStore(dir).write(1, null, Map.of(), CheckpointDurabilityTest::content);
        CheckpointStore failing = new CheckpointStore(FaultyFiles.wrap(dir, o -> {
            if (o.toString().equals("MOVE .unfinished-step-n -> step-n")) {
                throw new IOException("Input/output error");
            }
        }));
        assertThrows(
                UncheckedIOException.class, () -> failing.write(1, null, Map.of(), CheckpointDurabilityTest::content));
        assertEquals(List.of("step-00000001"), names());
        assertEquals(Optional.of(first), new CheckpointStore(dir).newestIntact());
    }

    @Test
    void aManifestMayHaveOneMebibyteAndNotOneByteMore() throws IOException {
        Path checkpoint = new CheckpointStore(dir).write(1, null, Map.of(), CheckpointDurabilityTest::content);
        Path manifest = checkpoint.resolve(Manifest.NAME);
        String text = Files.readString(manifest);
        String body = text.substring(0, text.lastIndexOf(','));
        String blank = " ".repeat((1 << 20) - text.length());
        Files.write(manifest, Manifest.seal((body + blank).getBytes(StandardCharsets.UTF_8)));
        assertEquals(1 << 20, Files.size(manifest));
        assertEquals(1, Manifest.read(checkpoint).step());
        Files.write(manifest, Manifest.seal((body + blank + " ").getBytes(StandardCharsets.UTF_8)));
        String message = assertThrows(CheckpointException.class, () -> Manifest.read(checkpoint))
                .getMessage();
        assertTrue(message.contains("a manifest is smaller"), message);
    }

    @Test
    void aFileWithTheNameOfACheckpointIsNone() throws IOException {
        CheckpointStore store = new CheckpointStore(dir);
        assertEquals(Optional.empty(), store.newestIntact());
        Path first = store.write(1, null, Map.of(), CheckpointDurabilityTest::content);
        Files.writeString(dir.resolve("step-00000002"), "");
        Files.createDirectory(dir.resolve("notes"));
        assertEquals(Optional.of(first), store.newestIntact());
        assertEquals(List.of(1), store.list().stream().map(Manifest::step).toList());
    }

    @Test
    void anOlderFormatIsNotCalledNewer() throws IOException {
        Path checkpoint = new CheckpointStore(dir).write(1, null, Map.of(), CheckpointDurabilityTest::content);
        Path manifest = checkpoint.resolve(Manifest.NAME);
        Files.writeString(
                manifest, Files.readString(manifest).replace("\"format\" : " + Manifest.FORMAT, "\"format\" : 0"));
        String message = assertThrows(CheckpointException.class, () -> Manifest.read(checkpoint))
                .getMessage();
        assertTrue(message.contains("format 0") && !message.contains("newer"), message);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }
}
