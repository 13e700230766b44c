package io.github.psft4j.spark;

import io.github.psft4j.kernel.WorkerPool;
import java.util.ArrayList;
import java.util.List;

/** Options of Java by which executors compute with the kernels of this process, and waste no time on their heap. */
final class ExecutorOptions {

    /** Properties that choose kernels: what this process was given, executors get. */
    private static final List<String> PASSED = List.of("psft.ops", "psft.rows", "psft.products");

    private ExecutorOptions() {}

    /**
     * The options.
     *
     * @param given to executors besides these: where a collector is among them, none is chosen here, because Java
     *     refuses to start with two
     */
    static String java(int threads, String given) {
        List<String> out = new ArrayList<>();
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            out.add("--add-modules jdk.incubator.vector");
        }
        if (Runtime.version().feature() >= 24) {
            out.add("--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow");
        }
        // A gradient of megabytes is all that the heap holds. G1 marks it beside the kernel, on the one core that a
        // task
        // has.
        if (!given.matches("(?s).*-XX:\\+Use\\w+GC.*")) {
            out.add("-XX:+UseSerialGC");
        }
        out.add("-D" + WorkerPool.THREADS_PROPERTY + "=" + threads);
        for (String name : PASSED) {
            String value = System.getProperty(name);
            if (value != null) {
                out.add("-D" + name + "=" + value);
            }
        }
        // Arrays of ND4J lie outside the Java heap: bounded by the container, not by the heap.
        out.add("-Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0");
        return String.join(" ", out);
    }
}
