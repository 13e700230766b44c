package io.github.psft4j.bench;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/**
 * Tells when the JIT compiler is idle, so that timing can begin. Its thread takes a core as long as it has something to
 * compile, some seconds. Where all cores are in use, one worker then has half a core left, and a repeat takes up to
 * twice as long.
 */
final class CompilerRest {

    /** Share of a core that the compiler may take at rest. */
    private static final double REST = 0.1;

    /** Shortest time over which the compiler is watched. */
    private static final double WINDOW_MILLIS = 1500;

    private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();

    private long windowStart;
    private long compiledBefore;

    CompilerRest() {
        startWindow();
    }

    /** Whether the compiler was idle over a whole window. A window in which it was busy makes room for the next. */
    boolean reached() {
        double window = (System.nanoTime() - windowStart) / 1e6;
        if (window <= WINDOW_MILLIS) {
            return false;
        }
        boolean idle = COMPILER.getTotalCompilationTime() - compiledBefore < REST * window;
        if (!idle) {
            startWindow();
        }
        return idle;
    }

    private void startWindow() {
        windowStart = System.nanoTime();
        compiledBefore = COMPILER.getTotalCompilationTime(); // of all compiler threads, in milliseconds
    }
}
