package io.github.psft4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the installed psft as a user does: its start script, in a directory, as a process of its own. */
final class Launcher {

    /** Installation under test; default: the one of this build. */
    static final String HOME_PROPERTY = "psft.test.home";

    private static final long TIMEOUT_SECONDS = 300;

    /** What came of it. */
    record Result(int code, String out, String err) {}

    private final Path directory;

    Launcher(Path directory) {
        this.directory = directory;
    }

    static Path home() {
        return Path.of(System.getProperty(HOME_PROPERTY, "target/psft")).toAbsolutePath();
    }

    static Path script() {
        boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("win");
        return home().resolve("bin").resolve(windows ? "psft.bat" : "psft");
    }

    Result run(String... arguments) {
        return run(Map.of(), script(), arguments);
    }

    Result run(Map<String, String> environment, Path script, String... arguments) {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        try {
            Path out = Files.createTempFile(directory, "out", ".txt");
            Path err = Files.createTempFile(directory, "err", ".txt");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putIfAbsent("JAVA_HOME", System.getProperty("java.home"));
            builder.environment().putIfAbsent("PSFT_OPTS", "-Xmx1g -XX:TieredStopAtLevel=1");
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " ran longer than " + TIMEOUT_SECONDS + " s: " + read(err));
            }
            return new Result(process.exitValue(), read(out), read(err));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + command, e);
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
