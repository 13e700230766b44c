package io.github.psft4j.kernel.cpu.rows;

import static io.github.psft4j.kernel.cpu.rows.FusedMultiplyAdd.fma;

/**
 * Products summed term by term, as oneDNN sums those of up to 384 (AVX2: 256) terms, so that the last bits are the
 * same.
 */
public final class InOrder {

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
}
