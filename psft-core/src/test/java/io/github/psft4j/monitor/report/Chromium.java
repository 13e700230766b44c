package io.github.psft4j.monitor.report;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real browser without a window: system property {@code psft.chromium}, or Chromium or Chrome on the PATH. */
final class Chromium {

    private static final String PROPERTY = "psft.chromium";
    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");
    private static final int SECONDS = 120;

    private final Path executable;

    private Chromium(Path executable) {
        this.executable = executable;
    }

    /** The browser; without one the test is skipped under a name that says how to get it. */
    static Chromium orSkip() {
        String given = System.getProperty(PROPERTY);
        if (given != null && !given.isBlank()) {
            assertTrue(Files.isExecutable(Path.of(given)), PROPERTY + "=" + given + " is no program");
            return new Chromium(Path.of(given));
        }
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(directory -> NAMES.stream().map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Chromium::new)
                .orElseGet(() ->
                        abort("no browser: install chromium, or pass -D" + PROPERTY + "=PATH of Chromium or Chrome"));
    }

    /**
     * What a page has become after its scripts ran.
     *
     * @param dom the document
     * @param console lines that scripts and the browser wrote about the page
     */
    record Rendering(String dom, List<String> console) {}

    /** Opens a page, lets its scripts run, and reads the document. */
    Rendering open(Path page, Path scratch) throws IOException, InterruptedException {
        Path dom = scratch.resolve("dom.html");
        Path log = scratch.resolve("browser.log");
        Process process = new ProcessBuilder(
                        executable.toString(),
                        "--headless=new",
                        "--no-sandbox", // root in containers; the page is our own
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--window-size=1200,900",
                        "--user-data-dir=" + scratch.resolve("profile"),
                        "--enable-logging=stderr",
                        "--virtual-time-budget=2000",
                        "--dump-dom",
                        page.toUri().toString())
                .redirectOutput(dom.toFile())
                .redirectError(log.toFile())
                .start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new AssertionError(executable + " did not end in " + SECONDS + " s: " + Files.readString(log));
        }
        List<String> console;
        try (Stream<String> lines = Files.lines(log)) {
            console = lines.filter(line -> line.contains("CONSOLE")).toList();
        }
        return new Rendering(Files.readString(dom), console);
    }
}
