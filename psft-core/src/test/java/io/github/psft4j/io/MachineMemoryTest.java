package io.github.psft4j.io;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class MachineMemoryTest {

    /** Nothing is allocated here. */
    @Test
    void whatFillsTheMachineIsAcceptedAndOneElementMoreIsRefusedWithBothSizes() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long bytes = system.getTotalMemorySize() + system.getTotalSwapSpaceSize();
        assertDoesNotThrow(() -> MachineMemory.require(bytes / 4, DataType.FLOAT, "weights"));
        assertDoesNotThrow(() -> MachineMemory.require(bytes / 2, DataType.BFLOAT16, "weights"));
        OutOfMemoryError refused = assertThrows(
                OutOfMemoryError.class, () -> MachineMemory.require(bytes / 4 + 1, DataType.FLOAT, "weights"));
        assertTrue(refused.getMessage().contains("weights: "), refused.getMessage());
        assertTrue(
                refused.getMessage().contains(String.format(Locale.ROOT, "%,d MB", bytes >> 20)), refused.getMessage());
        assertThrows(OutOfMemoryError.class, () -> MachineMemory.require(Long.MAX_VALUE, DataType.DOUBLE, "weights"));
    }
}
