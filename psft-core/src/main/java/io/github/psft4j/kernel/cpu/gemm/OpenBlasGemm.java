package io.github.psft4j.kernel.cpu.gemm;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;
import static org.bytedeco.openblas.global.openblas.cblas_sgemv;

import io.github.psft4j.kernel.NativeThreads;

/** {@link Gemm} by OpenBLAS, which ND4J's CPU backend contains; {@link NativeThreads} keeps it to one thread. */
public final class OpenBlasGemm implements Gemm {

    /** Up to this many rows a product reads the weight once per row: packing it first takes as long as ten rows. */
    private static final int FEW_ROWS = 4;

    @Override
    public String name() {
        return "OpenBLAS f32";
    }

    @Override
    public void run(int m, int n, int k, float alpha, Matrix a, Matrix b, float beta, Matrix c) {
        if (!a.transposed && b.transposed && m <= FEW_ROWS) {
            rows(m, n, k, alpha, a, b, beta, c);
        } else {
            int opA = a.transposed ? CblasTrans : CblasNoTrans;
            int opB = b.transposed ? CblasTrans : CblasNoTrans;
            int order = CblasRowMajor;
            cblas_sgemm(order, opA, opB, m, n, k, alpha, a.first, a.stride, b.first, b.stride, beta, c.first, c.stride);
        }
        Matrix.release(a, b, c);
    }

    private static void rows(int m, int n, int k, float alpha, Matrix a, Matrix b, float beta, Matrix c) {
        long x = a.first.address();
        long y = c.first.address();
        for (int i = 0; i < m; i++) {
            a.first.at(x + (long) i * a.stride * Float.BYTES);
            c.first.at(y + (long) i * c.stride * Float.BYTES);
            cblas_sgemv(CblasRowMajor, CblasNoTrans, n, k, alpha, b.first, b.stride, a.first, 1, beta, c.first, 1);
        }
    }
}
