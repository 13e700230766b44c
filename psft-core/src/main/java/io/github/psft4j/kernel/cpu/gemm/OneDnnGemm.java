package io.github.psft4j.kernel.cpu.gemm;

import org.bytedeco.dnnl.global.dnnl;

/**
 * {@link Gemm} by oneDNN's sgemm, which takes any shape without compiling a kernel for it.
 *
 * <p>Products {@code x wᵀ} are summed in blocks of {@value #BLOCK}. oneDNN does that too, but for some lengths the
 * places of its blocks depend on the numbers of rows and columns; the last bits of a row did, too. With AVX2 the blocks
 * are shorter, and so is the list of shapes that are summed in order ({@link OrderedSums}).
 *
 * <p>Products {@code aᵀ b} with longer sums, gradients of weights, are summed in blocks of {@value #ROWS}, because that
 * is faster. Where their rows lie badly for the cache, they are copied first ({@link SpreadRows}).
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

    /** Rows of a and b at a time in {@code aᵀ b}: of 64 to 1,088, as fast as any on shapes of 576 to 3,072. */
    private static final int ROWS = 192;

    private static final boolean AVX2 = OneDnn.status().isa().equals("AVX2");

    private static final ThreadLocal<SpreadRows> SPREAD = ThreadLocal.withInitial(SpreadRows::new);

    private static final ThreadLocal<OrderedSums> ORDERED =
            ThreadLocal.withInitial(() -> new OrderedSums(OneDnnGemm::multiply));

    @Override
    public String name() {
        return "oneDNN f32 (" + OneDnn.status().isa() + ")";
    }

    @Override
    public void run(int m, int n, int k, float alpha, Matrix a, Matrix b, float beta, Matrix c) {
        SINGLE.get();
        int block = block(k, a.transposed, b.transposed);
        boolean ordered = AVX2 && OrderedSums.suits(k, a, b);
        boolean spread = k > 0 && SpreadRows.gains(m, n, a);
        long firstA = a.first.address();
        long firstB = b.first.address();
        long stepA = (a.transposed ? a.stride : 1L) * Float.BYTES;
        long stepB = (b.transposed ? 1L : b.stride) * Float.BYTES;
        for (int at = 0; at < k || at == 0; at += block) {
            a.first.at(firstA + at * stepA);
            b.first.at(firstB + at * stepB);
            int terms = Math.min(block, k - at);
            Matrix left = spread ? SPREAD.get().transposed(a, terms, m) : a;
            if (ordered) {
                ORDERED.get().run(m, n, terms, alpha, left, b, at == 0 ? beta : 1, c);
            } else {
                multiply(m, n, terms, alpha, left, b, at == 0 ? beta : 1, c);
            }
        }
        Matrix.release(a, b, c);
    }

    /** Terms that are summed in one call. */
    private static int block(int k, boolean transA, boolean transB) {
        if (transB && !transA) {
            return AVX2 ? OrderedSums.block(k) : BLOCK;
        }
        return transA && k > BLOCK ? ROWS : Math.max(1, k);
    }

    private static void multiply(int m, int n, int k, float alpha, Matrix a, Matrix b, float beta, Matrix c) {
        byte opA = (byte) (a.transposed ? 'T' : 'N');
        byte opB = (byte) (b.transposed ? 'T' : 'N');
        int status = dnnl.dnnl_sgemm(
                opA, opB, m, n, k, alpha, a.first, a.stride, b.first, b.stride, beta, c.first, c.stride);
        OneDnn.check(status, "sgemm");
    }
}
