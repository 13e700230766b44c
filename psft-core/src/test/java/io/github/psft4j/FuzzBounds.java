package io.github.psft4j;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Bounds on one execution of a fuzz target: heap that it takes beyond what its input explains, or time, is a finding as
 * much as a wrong exception. Both are those of the calling thread, so that the load of the machine does not matter.
 */
public final class FuzzBounds {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /**
     * Jazzer's hooks, which look into comparisons and maps, allocate on the same thread, many times what the code does.
     */
    private static final int HOOKS = isFuzzing() ? 8 : 1;

    /** Five seconds; in a replay a minute, whatever the processor. */
    private static final long MAX_NANOS = isFuzzing() ? 5_000_000_000L : 60_000_000_000L;

    /** The loading and instrumenting of classes counts once or twice, what the input costs counts every time. */
    private static final int REPEATS = 4;

    private FuzzBounds() {}

    private static boolean isFuzzing() {
        return System.getenv("JAZZER_FUZZ") != null;
    }

    /** What a fuzz target does. */
    @FunctionalInterface
    public interface Target {
        void run() throws Exception;
    }

    /**
     * @param maxBytes what the target may allocate on the heap, freed or not
     * @param target what to run
     * @throws AssertionError if it allocates more, or computes for too long
     */
    public static void within(long maxBytes, Target target) throws Exception {
        String excess = excess(maxBytes, target);
        for (int again = 0; excess != null && again < REPEATS; again++) {
            excess = excess(maxBytes, target);
        }
        if (excess != null) {
            throw new AssertionError(excess);
        }
    }

    private static String excess(long maxBytes, Target target) throws Exception {
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        long nanos = THREADS.getCurrentThreadCpuTime();
        target.run();
        bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
        nanos = THREADS.getCurrentThreadCpuTime() - nanos;
        if (bytes > HOOKS * maxBytes) {
            return bytes + " bytes allocated, more than " + HOOKS * maxBytes;
        }
        return nanos > MAX_NANOS ? "computed for " + nanos / 1_000_000 + " ms" : null;
    }
}
