package io.github.psft4j.kernel.cpu.gemm;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;
import static org.bytedeco.openblas.global.openblas.cblas_sgemv;

import io.github.psft4j.kernel.NativeThreads;
import java.lang.ref.Reference;
import org.bytedeco.javacpp.FloatPointer;

/** {@link Gemm} by OpenBLAS, which ND4J's CPU backend brings along; {@link NativeThreads} keeps it to one thread. */
public final class OpenBlasGemm implements Gemm {

    /** So few rows go through the weight one by one, as the product of matrices packs the weight first: 1 row takes a tenth of its time. */
    private static final int FEW_ROWS = 4;

    @Override
    public String name() {
        return "OpenBLAS f32";
    }

    @Override
    public void run(
            boolean transA,
            boolean transB,
            int m,
            int n,
            int k,
            float alpha,
            FloatMemory a,
            long aAt,
            int lda,
            FloatMemory b,
            long bAt,
            int ldb,
            float beta,
            FloatMemory c,
            long cAt,
            int ldc) {
        Operands p = Operands.local();
        if (!transA && transB && m <= FEW_ROWS) {
            for (int i = 0; i < m; i++) {
                FloatPointer x = p.a(a.address(aAt + (long) i * lda));
                FloatPointer y = p.c(c.address(cAt + (long) i * ldc));
                cblas_sgemv(CblasRowMajor, CblasNoTrans, n, k, alpha, p.b(b.address(bAt)), ldb, x, 1, beta, y, 1);
            }
        } else {
            product(transA, transB, m, n, k, alpha, a, aAt, lda, b, bAt, ldb, beta, c, cAt, ldc, p);
        }
        Reference.reachabilityFence(a);
        Reference.reachabilityFence(b);
        Reference.reachabilityFence(c);
    }

    private static void product(
            boolean transA,
            boolean transB,
            int m,
            int n,
            int k,
            float alpha,
            FloatMemory a,
            long aAt,
            int lda,
            FloatMemory b,
            long bAt,
            int ldb,
            float beta,
            FloatMemory c,
            long cAt,
            int ldc,
            Operands p) {
        cblas_sgemm(
                CblasRowMajor,
                transA ? CblasTrans : CblasNoTrans,
                transB ? CblasTrans : CblasNoTrans,
                m,
                n,
                k,
                alpha,
                p.a(a.address(aAt)),
                lda,
                p.b(b.address(bAt)),
                ldb,
                beta,
                p.c(c.address(cAt)),
                ldc);
    }

    /**
     * {@code y = W x + beta y}, W {@code [n, in]}: one row is read straight through, where a product of matrices would pack the
     * weight first.
     */
    public static void row(
            int n, int in, FloatMemory x, long xAt, FloatMemory w, long wAt, float beta, FloatMemory y, long yAt) {
        Operands p = Operands.local();
        cblas_sgemv(
                CblasRowMajor,
                CblasNoTrans,
                n,
                in,
                1f,
                p.a(w.address(wAt)),
                in,
                p.b(x.address(xAt)),
                1,
                beta,
                p.c(y.address(yAt)),
                1);
        Reference.reachabilityFence(x);
        Reference.reachabilityFence(w);
        Reference.reachabilityFence(y);
    }
}
