package io.github.psft4j.bench;

import com.sun.management.OperatingSystemMXBean;
import io.github.psft4j.io.FileCall;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Memory and processor time of this process. */
public final class ProcessMemory {

    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMemory() {}

    /** Highest resident memory, megabytes of 1024 KiB; 0 on systems without /proc. */
    static long peakMegabytes() {
        return Files.exists(STATUS) ? kilobytes("VmHWM").orElse(0) / 1024 : 0;
    }

    /** Processor time of all threads of this process so far; -1 where the system does not tell. */
    static long processorNanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : -1;
    }

    /** A field such as {@code VmRSS}, kilobytes; empty if there is none. */
    public static OptionalLong kilobytes(String field) {
        return FileCall.get(
                "cannot read " + STATUS + ", which only Linux has",
                () -> Files.readAllLines(STATUS).stream()
                        .filter(line -> line.startsWith(field + ":"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst());
    }
}
