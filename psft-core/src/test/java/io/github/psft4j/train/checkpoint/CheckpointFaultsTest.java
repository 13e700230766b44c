package io.github.psft4j.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import io.github.psft4j.faults.FaultyFiles;
import io.github.psft4j.faults.FileOperation;
import io.github.psft4j.faults.FileOperation.Kind;
import io.github.psft4j.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every file operation of writing a checkpoint fails in turn, or is the last one of the process: what was whole before
 * stays whole, the next write succeeds, and nothing is left behind.
 */
class CheckpointFaultsTest {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointFaultsTest.class);
    private static final Retention ONE = new Retention(1, 0, false);

    @TempDir
    Path dir;

    /** What happens from the n-th operation on. */
    enum Fault {
        /** That operation fails, the next ones do not. */
        ONCE,
        /** Nothing can be written any more, but moved and deleted. */
        DISK_FULL,
        /** Nothing happens any more, as after a kill: also what the program would do about the failure. */
        KILLED;

        boolean hits(int number, int n, Kind kind) {
            return switch (this) {
                case ONCE -> number == n;
                case DISK_FULL -> number >= n && kind.changes() && kind != Kind.MOVE && kind != Kind.DELETE;
                case KILLED -> number >= n;
            };
        }
    }

    /** What is written over what. */
    enum Situation {
        /** A new step beside an older one, which is then removed. */
        NEXT_STEP(1, 2),
        /** The same step anew, the only checkpoint that there is. */
        SAME_STEP(2, 2);

        final int before;
        final int after;

        Situation(int before, int after) {
            this.before = before;
            this.after = after;
        }
    }

    /** Thousands of warnings are expected here. */
    @BeforeEach
    void quiet() {
        level(Level.ERROR);
    }

    @AfterEach
    void loud() {
        level(null);
    }

    private static void level(Level level) {
        ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(CheckpointStore.class.getPackageName()))
                .setLevel(level);
    }

    @ParameterizedTest
    @EnumSource
    void noFaultCostsTheCheckpointThatWasThere(Fault fault) throws IOException {
        for (Situation situation : Situation.values()) {
            List<FileOperation> operations = operations(situation);
            for (int n = 1; n <= operations.size(); n++) {
                Path run = dir.resolve(situation + "-" + n);
                String what = fault + " in " + situation + " at operation " + n + ", " + operations.get(n - 1);
                write(new CheckpointStore(run), situation.before, "old");
                attempt(run, fault, n, situation.after);
                Path newest = new CheckpointStore(run).newestIntact().orElseThrow(() -> new AssertionError(what));
                String content = Files.readString(newest.resolve("model"));
                assertTrue(content.equals("old".repeat(100)) || content.equals("new".repeat(100)), what);

                CheckpointStore next = new CheckpointStore(run);
                write(next, 3, "next");
                next.prune(ONE);
                assertEquals(List.of("step-00000003"), names(run), what);
                Manifest.read(next.directory(3)).verify(next.directory(3));
            }
            LOG.info("{}: {} operations of {}", fault, operations.size(), situation);
        }
    }

    /** The operations of a write without a fault. */
    private List<FileOperation> operations(Situation situation) {
        Path run = dir.resolve(situation + "-whole");
        write(new CheckpointStore(run), situation.before, "old");
        List<FileOperation> out = new ArrayList<>();
        CheckpointStore store = new CheckpointStore(FaultyFiles.wrap(run, out::add));
        write(store, situation.after, "new");
        store.prune(ONE);
        return out;
    }

    private static void attempt(Path run, Fault fault, int n, int step) {
        int[] number = {0};
        boolean[] hit = {false};
        CheckpointStore store = new CheckpointStore(FaultyFiles.wrap(run, operation -> {
            if (fault.hits(++number[0], n, operation.kind())) {
                hit[0] = true;
                throw new IOException(fault + ": No space left on device");
            }
        }));
        try {
            write(store, step, "new");
            store.prune(ONE);
        } catch (UncheckedIOException e) {
            assertTrue(hit[0] && e.getMessage().contains("No space left on device"), e.toString());
            assertTrue(e.getMessage().contains(run.toString()), e.toString());
        }
    }

    private static void write(CheckpointStore store, int step, String word) {
        store.write(step, null, Map.of(), d -> {
            byte[] bytes = word.repeat(100).getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(d.resolve("model"), bytes);
            AtomicFile.write(d.resolve("state"), bytes);
        });
    }

    private static List<String> names(Path d) throws IOException {
        try (Stream<Path> files = Files.list(d)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theOnlyCheckpointIsFoundWhileItsNameIsBetweenTheOldAndTheNew() throws IOException {
        CheckpointStore store = new CheckpointStore(dir);
        write(store, 7, "old");
        Path hidden = dir.resolve(".replaced-step-00000007");
        Files.move(store.directory(7), hidden);
        assertEquals(hidden, store.newestIntact().orElseThrow());
        assertEquals(7, store.list().get(0).step());
        write(store, 8, "new");
        assertEquals(List.of("step-00000007", "step-00000008"), names(dir));
    }

    @Test
    void aDiskThatDoesNotAnswerIsNoReasonToStartAnew() throws IOException {
        write(new CheckpointStore(dir), 1, "old");
        write(new CheckpointStore(dir), 2, "new");
        CheckpointStore oneBad = new CheckpointStore(FaultyFiles.wrap(dir, operation -> {
            if (operation.path().toString().contains("step-00000002") && operation.kind() == Kind.READ) {
                throw new IOException("Input/output error");
            }
        }));
        assertTrue(oneBad.newestIntact().orElseThrow().endsWith("step-00000001"));
        CheckpointStore allBad = new CheckpointStore(FaultyFiles.wrap(dir, operation -> {
            if (operation.kind() == Kind.READ) {
                throw new IOException("Input/output error");
            }
        }));
        String message =
                assertThrows(CheckpointException.class, allBad::newestIntact).getMessage();
        assertTrue(message.contains("could not be read (java.io.IOException: Input/output error)"), message);
        assertTrue(message.contains("start again"), message);
        assertFalse(oneBad.list().isEmpty());
    }
}
