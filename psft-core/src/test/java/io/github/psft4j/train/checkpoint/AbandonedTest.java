package io.github.psft4j.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.faults.FaultyFiles;
import io.github.psft4j.faults.FileOperation;
import io.github.psft4j.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints are set aside without a moment at which one is lost or read wrongly. */
class AbandonedTest {

    @TempDir
    Path dir;

    private static void write(CheckpointStore store, int step, String branch) {
        store.write(step, null, Map.of(), d -> AtomicFile.write(d.resolve("model"), (branch + step).getBytes()));
    }

    /** Steps 10, 20 and 30, a broken 40, and a 20 that was to be replaced by one that is not there. */
    private static CheckpointStore threeAndABrokenOne(Path run) throws IOException {
        CheckpointStore store = new CheckpointStore(run);
        for (int step = 10; step <= 30; step += 10) {
            write(store, step, "old");
        }
        Files.createDirectory(store.directory(40));
        Files.writeString(store.directory(40).resolve("model"), "old40");
        Files.move(store.directory(20), run.resolve(".replaced-step-00000020"));
        return store;
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "opens no directory as a file, so that none is flushed")
    void theNewestGoesFirstAndTheNamesAreFlushed() throws IOException {
        threeAndABrokenOne(dir);
        List<String> operations = operations(dir);
        assertEquals(
                List.of(
                        "MOVE .replaced-step-00000020 -> step-00000020",
                        "MOVE step-00000040 -> abandoned-step-00000040",
                        "MOVE step-00000030 -> abandoned-step-00000030",
                        "MOVE step-00000020 -> abandoned-step-00000020",
                        "FORCE"),
                operations);
        assertEquals(List.of(), operations(dir), "nothing is left to do");
    }

    private static List<String> operations(Path run) {
        List<String> out = new ArrayList<>();
        new CheckpointStore(FaultyFiles.wrap(run, o -> {
                    if (o.kind() == FileOperation.Kind.MOVE) {
                        out.add("MOVE " + o.path().getFileName() + " -> "
                                + o.target().getFileName());
                    } else if (o.kind().changes()) {
                        out.add(o.kind().toString());
                    }
                }))
                .setAsideAbove(19);
        return out;
    }

    @Test
    void brokenOffAnywhereItLeavesTheOlderPartOfTheBranchAndIsDoneTheNextTime() throws IOException {
        for (int n = 1; n <= 9; n++) {
            Path run = dir.resolve(Integer.toString(n));
            threeAndABrokenOne(run);
            int last = n;
            int[] number = {0};
            CheckpointStore killed = new CheckpointStore(FaultyFiles.wrap(run, operation -> {
                if (++number[0] >= last) {
                    throw new IOException("killed");
                }
            }));
            UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> killed.setAsideAbove(10));
            assertTrue(e.getMessage().contains("killed") && e.getMessage().contains(run.toString()), e.getMessage());
            CheckpointStore store = new CheckpointStore(run);
            assertEquals(4, models(run).size(), "at operation " + n);
            Path newest = store.newestIntact().orElseThrow();
            assertTrue(Files.readString(newest.resolve("model")).startsWith("old"), newest.toString());
            store.setAsideAbove(10);
            write(store, 15, "new");
            store.prune(new Retention(2, 0, false));
            assertEquals(
                    List.of(
                            "abandoned-step-00000020 old20",
                            "abandoned-step-00000030 old30",
                            "abandoned-step-00000040 old40",
                            "step-00000010 old10",
                            "step-00000015 new15"),
                    models(run));
            assertEquals(store.directory(15), store.newestIntact().orElseThrow());
        }
    }

    /** What cannot be removed must not come back as a checkpoint when the one that took its name goes. */
    @Test
    void aLeftoverThatCannotBeRemovedIsSetAsideAsWell() throws IOException {
        threeAndABrokenOne(dir);
        write(new CheckpointStore(dir), 15, "old"); // gives step 20 its name back
        Path leftover = dir.resolve(".replaced-step-00000020");
        Files.createDirectory(leftover);
        Files.writeString(leftover.resolve("model"), "older20");
        CheckpointStore store = new CheckpointStore(FaultyFiles.wrap(dir, operation -> {
            if (operation.kind() == FileOperation.Kind.DELETE) {
                throw new IOException("Permission denied");
            }
        }));
        store.setAsideAbove(15);
        assertEquals(
                List.of(
                        "abandoned-step-00000020 old20",
                        "abandoned-step-00000020-2 older20",
                        "abandoned-step-00000030 old30",
                        "abandoned-step-00000040 old40",
                        "step-00000010 old10",
                        "step-00000015 old15"),
                models(dir));
    }

    /** Names and models, of hidden directories too. */
    private static List<String> models(Path run) throws IOException {
        List<String> out = new ArrayList<>();
        try (Stream<Path> files = Files.list(run)) {
            for (Path checkpoint : files.sorted().toList()) {
                out.add(checkpoint.getFileName() + " " + Files.readString(checkpoint.resolve("model")));
            }
        }
        return out;
    }
}
