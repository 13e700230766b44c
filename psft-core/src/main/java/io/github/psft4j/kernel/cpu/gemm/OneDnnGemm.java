package io.github.psft4j.kernel.cpu.gemm;

import org.bytedeco.dnnl.global.dnnl;

/**
 * {@link Gemm} by oneDNN's sgemm, which takes any shape without compiling a kernel for it.
 *
 * <p>Products {@code x wᵀ} are summed in blocks of {@value #BLOCK}. oneDNN does that too, but for some lengths the
 * places of its blocks depend on the numbers of rows and columns; the last bits of a row did, too.
 */
public final class OneDnnGemm implements Gemm {

    private static final ThreadLocal<Boolean> SINGLE = ThreadLocal.withInitial(() -> {
        OneDnn.oneThreadHere();
        return true;
    });

    /**
     * Fewest rows of {@code x wᵀ} whose sums have the order of more rows: kernels for fewer have an order of their own.
     */
    public static final int ORDERED_ROWS = 16;

    /** Longest sum that every kernel for {@link #ORDERED_ROWS} or more forms in order, by fused multiply-adds. */
    private static final int BLOCK = 384;

    @Override
    public String name() {
        return "oneDNN f32 (" + OneDnn.status().isa() + ")";
    }

    @Override
    public void run(int m, int n, int k, float alpha, Matrix a, Matrix b, float beta, Matrix c) {
        SINGLE.get();
        if (a.transposed || !b.transposed) {
            multiply(m, n, k, alpha, a, b, beta, c);
        } else {
            long left = a.first.address();
            long right = b.first.address();
            for (int at = 0; at < k || at == 0; at += BLOCK) {
                a.first.at(left + (long) at * Float.BYTES);
                b.first.at(right + (long) at * Float.BYTES);
                multiply(m, n, Math.min(BLOCK, k - at), alpha, a, b, at == 0 ? beta : 1, c);
            }
        }
        Matrix.release(a, b, c);
    }

    private static void multiply(int m, int n, int k, float alpha, Matrix a, Matrix b, float beta, Matrix c) {
        byte opA = (byte) (a.transposed ? 'T' : 'N');
        byte opB = (byte) (b.transposed ? 'T' : 'N');
        int status = dnnl.dnnl_sgemm(
                opA, opB, m, n, k, alpha, a.first, a.stride, b.first, b.stride, beta, c.first, c.stride);
        OneDnn.check(status, "sgemm");
    }
}
