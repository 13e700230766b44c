package io.github.psft4j.kernel.cpu.gemm;

/** A float matrix product on the calling thread alone. */
public interface Gemm {

    /** Name for the log. */
    String name();

    /**
     * {@code c = alpha a b + beta c} with float matrices a {@code [m, k]}, b {@code [k, n]}, c {@code [m, n]}. Beta = 0
     * overwrites c, which is not transposed. Releases the matrices.
     */
    void run(int m, int n, int k, float alpha, Matrix a, Matrix b, float beta, Matrix c);
}
