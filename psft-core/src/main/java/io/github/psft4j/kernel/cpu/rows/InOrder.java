package io.github.psft4j.kernel.cpu.rows;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * Products summed term by term, as oneDNN sums those of up to 384 (AVX2: 256) terms, so that the last bits are the
 * same.
 */
public final class InOrder {

    /** Without the instruction {@link Math#fma} computes in BigDecimal, a thousand times slower. */
    private static final boolean FAST = fast();

    private InOrder() {}

    /** {@code sum over i < n of x[i] y[i]}. */
    public static float dot(float[] x, float[] y, int n) {
        float sum = 0;
        for (int i = 0; i < n; i++) {
            sum = fma(x[i], y[i], sum);
        }
        return sum;
    }

    /** {@code sums[i] += p x[i]}. */
    public static void add(float p, float[] x, float[] sums, int n) {
        for (int i = 0; i < n; i++) {
            sums[i] = fma(p, x[i], sums[i]);
        }
    }

    /** {@code a b + c} in one rounding where the processor has an instruction for it, and in two elsewhere. */
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
