package io.github.psft4j.examples;

import io.github.psft4j.io.Shown;
import io.github.psft4j.kernel.WorkerPool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.factory.Nd4j;

/** Machine and versions that a program ran on, for its report. */
final class Environment {

    private static final Path LINUX_CPU = Path.of("/proc/cpuinfo");

    /** Threads of the examples unless the user sets another number. */
    private static final String THREADS = "2";

    private Environment() {}

    /**
     * Prepares this JVM for an example. Call this first. The number of threads is fixed because it decides how sums are
     * split. With the same number, a program repeats bit for bit on the same kind of processor, however many cores
     * there are. These models are too small to gain from more threads.
     */
    static void prepare() {
        System.getProperties().putIfAbsent(WorkerPool.THREADS_PROPERTY, THREADS);
        // Drawing needs no display, and a server has none.
        System.setProperty("java.awt.headless", "true");
    }

    /** Machine, versions and the time taken, by name. */
    static Map<String, String> described(double seconds) throws IOException {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("processors", Runtime.getRuntime().availableProcessors() + " x " + processor());
        environment.put("threads", System.getProperty(WorkerPool.THREADS_PROPERTY));
        environment.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        environment.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
        environment.put("ND4J", Nd4j.getBackend().getClass().getSimpleName());
        environment.put("time", Shown.format("%.0f s for training and evaluation", seconds));
        return environment;
    }

    private static String processor() throws IOException {
        if (Files.isReadable(LINUX_CPU)) {
            for (String line : Files.readAllLines(LINUX_CPU, StandardCharsets.ISO_8859_1)) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        }
        return "unknown";
    }
}
