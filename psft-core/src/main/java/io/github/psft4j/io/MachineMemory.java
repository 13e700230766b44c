package io.github.psft4j.io;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.nd4j.linalg.api.buffer.DataType;

/** The machine's memory, asked before a large array is made: ND4J crashes the process if the system refuses one. */
public final class MachineMemory {

    /** What every message says of a machine that is too small. */
    public static final String IN_MESSAGES = "this machine has";

    private MachineMemory() {}

    /**
     * Accepts an array that alone fits the memory of the machine or container, swap included.
     *
     * @param elements number of elements
     * @param type of the elements
     * @param what the array, for the message
     * @throws OutOfMemoryError if it does not fit, with both sizes
     */
    public static void require(long elements, DataType type, String what) {
        long there = withSwap();
        if (there > 0 && elements > there / type.width()) {
            throw new OutOfMemoryError(Shown.format(
                    "%s: %,d numbers of %d bytes, this machine has %,d MB with its swap",
                    what, elements, type.width(), there >> 20));
        }
    }

    /** Bytes of memory of the machine or container, 0 if Java does not know. */
    public static long physical() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return system == null ? 0 : system.getTotalMemorySize();
    }

    /** The same with its swap. */
    public static long withSwap() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return system == null ? 0 : system.getTotalMemorySize() + system.getTotalSwapSpaceSize();
    }
}
