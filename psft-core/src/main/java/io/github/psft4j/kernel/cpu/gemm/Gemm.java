package io.github.psft4j.kernel.cpu.gemm;

/** A float matrix product on the calling thread alone. */
public interface Gemm {

    /** Name for the log. */
    String name();

    /**
     * {@code c = alpha a b + beta c} with a {@code [m, k]}, b {@code [k, n]} and c {@code [m, n]}; beta = 0 overwrites c.
     * Releases the matrices.
     *
     * @param c not transposed
     */
    void run(
            int m,
            int n,
            int k,
            float alpha,
            Matrix<FloatMemory> a,
            Matrix<FloatMemory> b,
            float beta,
            Matrix<FloatMemory> c);
}
