package io.github.psft4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** {@code psft train} as the build installs it, in a JVM of its own; the process is that JVM. */
final class InstalledCommand {

    private static final AtomicInteger STARTED = new AtomicInteger();

    private final Process process;
    private final Path log;

    private InstalledCommand(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts it.
     *
     * @param dir in which it works and leaves its messages
     */
    static InstalledCommand train(Path dir, String... arguments) throws IOException {
        Path home =
                Path.of(System.getProperty("psft.spark.home")).toAbsolutePath().normalize();
        List<String> command = new ArrayList<>(
                List.of(home.resolveSibling("bin").resolve("psft").toString(), "train"));
        command.addAll(List.of(arguments));
        Path log = dir.resolve("psft" + STARTED.incrementAndGet() + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment()
                .put(
                        "PSFT_OPTS",
                        "-Xmx512m -Dspark.driver.host=127.0.0.1 -Dspark.executor.memory=512m -Dspark.ui.enabled=false");
        return new InstalledCommand(builder.start(), log);
    }

    Process process() {
        return process;
    }

    /** Waits for its end, which must be that of a run without a fault. */
    void finish() throws IOException, InterruptedException {
        assertEquals(0, process.waitFor(), Files.readString(log));
    }

    /** Kills it with SIGKILL; false if it had ended before, without a fault. */
    boolean kill() throws IOException, InterruptedException {
        process.destroyForcibly();
        int code = process.waitFor();
        if (code != 128 + 9) {
            finish();
        }
        return code != 0;
    }
}
