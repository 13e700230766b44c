package io.github.psft4j.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "lets nobody read what is locked")
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
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "lets nobody read what is locked")
    void aLeftFileIsNoLockAndGetsTheNewOwner() throws IOException {
        Path file = Files.writeString(dir.resolve(".lock"), "process 1234567890123 of a machine that is gone\n");
        try (RunLock lock = RunLock.acquire(dir)) {
            assertEquals(
                    "process " + ProcessHandle.current().pid(),
                    Files.readString(file).strip());
            Files.writeString(file, "");
            String message = assertThrows(CheckpointException.class, () -> RunLock.acquire(dir))
                    .getMessage();
            assertTrue(message.contains(dir + "; wait for it"), message);
        }
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "");
        assertTrue(assertThrows(UncheckedIOException.class, () -> RunLock.acquire(file))
                .getMessage()
                .contains(file.toString()));
    }
}
