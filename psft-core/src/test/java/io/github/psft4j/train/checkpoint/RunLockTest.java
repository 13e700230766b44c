package io.github.psft4j.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** One trainer per run directory, and the refused one is told who has it. */
class RunLockTest {

    @TempDir
    Path dir;

    /** Tries to get the lock: exit code 0 if it did, 3 if it was refused by name. */
    static final class Child {
        public static void main(String[] arguments) {
            try (RunLock lock = RunLock.acquire(Path.of(arguments[0]))) {
                System.exit(0);
            } catch (CheckpointException e) {
                System.exit(e.getMessage().contains("process " + arguments[1]) ? 3 : 4);
            }
        }
    }

    private int child() throws IOException, InterruptedException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        dir.toString(),
                        String.valueOf(ProcessHandle.current().pid()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
    }

    /** POSIX drops all locks of a process on a file when the process closes any channel of it. */
    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "lets nobody read what is locked")
    void aRefusalInThisProcessDoesNotLetAnotherProcessIn() throws IOException, InterruptedException {
        try (RunLock first = RunLock.acquire(dir)) {
            assertThrows(CheckpointException.class, () -> RunLock.acquire(dir));
            assertEquals(3, child());
        }
        assertEquals(0, child());
    }

    @Test
    void theSecondIsRefusedWithTheOwnersProcessUntilTheFirstCloses() {
        Path run = dir.resolve("new/run");
        String owner = "(process " + ProcessHandle.current().pid() + ")";
        RunLock first = RunLock.acquire(run);
        for (int i = 0; i < 2; i++) { // a refusal takes nothing away
            String message = assertThrows(CheckpointException.class, () -> RunLock.acquire(run))
                    .getMessage();
            assertTrue(message.contains("another trainer is writing to " + run) && message.contains(owner), message);
        }
        first.close();
        RunLock.acquire(run).close();
    }

    @Test
    void aLockCoversItsDirectoryByAnyNameUntilItIsReleased() throws IOException {
        Path other = Files.createDirectory(dir.resolve("other"));
        RunLock lock = RunLock.acquire(dir);
        assertTrue(lock.covers(dir));
        assertTrue(lock.covers(dir.resolve("other/..")));
        assertFalse(lock.covers(other));
        assertFalse(lock.covers(dir.resolve("missing")));
        lock.close();
        assertFalse(lock.covers(dir));
    }

    @Test
    void aLeftFileIsNoLockAndGetsTheNewOwner() throws IOException {
        Path file = Files.writeString(dir.resolve(".lock"), "process 1234567890123 of a machine that is gone\n");
        RunLock.acquire(dir).close();
        assertEquals(
                "process " + ProcessHandle.current().pid(),
                Files.readString(file).strip());
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "");
        assertTrue(assertThrows(UncheckedIOException.class, () -> RunLock.acquire(file))
                .getMessage()
                .contains(file.toString()));
    }

    /** A failure to lock holds nothing: the next attempt finds the directory free. */
    @Test
    void aFailedAttemptLeavesTheDirectoryFree() throws IOException {
        Files.createDirectory(dir.resolve(".lock"));
        assertThrows(UncheckedIOException.class, () -> RunLock.acquire(dir));
        Files.delete(dir.resolve(".lock"));
        RunLock.acquire(dir).close();
    }
}
