package io.github.psft4j.kernel.cpu.rows;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** {@code a b + c} in one rounding where the processor has an instruction for it, and in two elsewhere. */
final class FusedMultiplyAdd {

    /** Without the instruction {@link Math#fma} computes in BigDecimal, a thousand times slower. */
    private static final boolean FAST = fast();

    private FusedMultiplyAdd() {}

    static float fma(float a, float b, float c) {
        return FAST ? Math.fma(a, b, c) : a * b + c;
    }

    private static boolean fast() {
        HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        try {
            return vm != null && Boolean.parseBoolean(vm.getVMOption("UseFMA").getValue());
        } catch (IllegalArgumentException e) {
            return false; // a virtual machine without this option
        }
    }
}
