package io.github.psft4j.kernel.cpu.gemm;

/** A float matrix product on the calling thread alone. */
public interface Gemm {

    /** Name for the log. */
    String name();

    /**
     * {@code C[m,n] = alpha op(A) op(B) + beta C}, row-major, offsets and leading dimensions in floats; beta = 0
     * overwrites whatever C holds.
     */
    void run(
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
            int ldc);
}
