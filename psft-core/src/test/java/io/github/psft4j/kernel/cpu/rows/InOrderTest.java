package io.github.psft4j.kernel.cpu.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** One rounding where the processor has the instruction, two elsewhere. */
class InOrderTest {

    @Test
    void productsAreRoundedOnceIfTheProcessorCanDoThat() {
        assertEquals(8, InOrder.fma(3, 2, 2));
        float a = 1 + 0x1p-12f; // its square is 1 + 2^-11 + 2^-24, the last of which a float has no room for
        boolean once = Boolean.parseBoolean(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("UseFMA")
                .getValue());
        assertEquals(once ? 0x1p-24f : 0, InOrder.fma(a, a, -1 - 0x1p-11f));
    }
}
