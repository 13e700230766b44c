package io.github.psft4j.kernel.cpu.rows;

/** {@link Int8Rows} without the Vector module. */
final class PlainInt8Rows implements Int8Rows {

    @Override
    public void dots(byte[] weights, int at, float[] x, int n, float[] out) {
        for (int r = 0; r < ROWS; r++) {
            out[r] = dot(weights, at + r * n, x, n);
        }
    }

    /** In four sums, which the compiler computes side by side. */
    private static float dot(byte[] weights, int at, float[] x, int n) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        int i = 0;
        for (; i + 4 <= n; i += 4) {
            s0 += weights[at + i] * x[i];
            s1 += weights[at + i + 1] * x[i + 1];
            s2 += weights[at + i + 2] * x[i + 2];
            s3 += weights[at + i + 3] * x[i + 3];
        }
        for (; i < n; i++) {
            s0 += weights[at + i] * x[i];
        }
        return s0 + s1 + (s2 + s3);
    }

    @Override
    public void widen(byte[] weights, int at, float scale, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = scale * weights[at + i];
        }
    }
}
