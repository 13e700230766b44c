package io.github.psft4j.kernel.cpu.gemm;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;
import static org.bytedeco.openblas.global.openblas.cblas_sgemv;

import io.github.psft4j.kernel.NativeThreads;

/** {@link Gemm} by OpenBLAS, which ND4J's CPU backend contains; {@link NativeThreads} keeps it to one thread. */
public final class OpenBlasGemm implements Gemm {

    /** Up to this many rows a product reads the weight once per row: packing it first takes ten times as long as one row. */
    private static final int FEW_ROWS = 4;

    @Override
    public String name() {
        return "OpenBLAS f32";
    }

    @Override
    public void run(
            int m,
            int n,
            int k,
            float alpha,
            Matrix<FloatMemory> a,
            Matrix<FloatMemory> b,
            float beta,
            Matrix<FloatMemory> c) {
        if (!a.isTransposed() && b.isTransposed() && m <= FEW_ROWS) {
            for (int i = 0; i < m; i++) {
                cblas_sgemv(
                        CblasRowMajor,
                        CblasNoTrans,
                        n,
                        k,
                        alpha,
                        b.pointer(),
                        b.stride(),
                        a.pointer(),
                        1,
                        beta,
                        c.pointer(),
                        1);
                a.nextRow();
                c.nextRow();
            }
        } else {
            int transA = a.isTransposed() ? CblasTrans : CblasNoTrans;
            int transB = b.isTransposed() ? CblasTrans : CblasNoTrans;
            cblas_sgemm(
                    CblasRowMajor,
                    transA,
                    transB,
                    m,
                    n,
                    k,
                    alpha,
                    a.pointer(),
                    a.stride(),
                    b.pointer(),
                    b.stride(),
                    beta,
                    c.pointer(),
                    c.stride());
        }
        a.release();
        b.release();
        c.release();
    }
}
