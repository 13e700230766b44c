package io.github.psft4j.bench;

import io.github.psft4j.io.FileCall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Memory of this process as Linux counts it. */
public final class ProcessMemory {

    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMemory() {}

    /** Highest resident memory, megabytes of 1024 KiB; 0 on systems without /proc. */
    static long peakMegabytes() {
        return Files.exists(STATUS) ? kilobytes("VmHWM").orElse(0) / 1024 : 0;
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
