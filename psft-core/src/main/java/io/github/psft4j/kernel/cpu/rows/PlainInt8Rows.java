package io.github.psft4j.kernel.cpu.rows;

/** {@link Int8Rows} without the Vector module. */
final class PlainInt8Rows implements Int8Rows {

    @Override
    public void dot(byte[] weights, int at, int second, float[] x, int n, float[] out) {
        block(weights, at, x, 0, n, out, 0);
        block(weights, second, x, 0, n, out, LANES);
    }

    @Override
    public void dots(byte[] weights, int at, float[] x, int xAt, int n, float[] out) {
        for (int r = 0; r < TOGETHER; r++) {
            block(weights, at, x, xAt + r * n, n, out, r * LANES);
        }
    }

    private static void block(byte[] weights, int at, float[] x, int xAt, int n, float[] out, int outAt) {
        float[] odd = new float[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            out[outAt + lane] = 0;
        }
        for (int i = 0; i + 1 < n; i += 2) {
            add(weights, at + i * LANES, x[xAt + i], out, outAt);
            add(weights, at + (i + 1) * LANES, x[xAt + i + 1], odd, 0);
        }
        if (n % 2 == 1) {
            add(weights, at + (n - 1) * LANES, x[xAt + n - 1], out, outAt);
        }
        for (int lane = 0; lane < LANES; lane++) {
            out[outAt + lane] += odd[lane];
        }
    }

    private static void add(byte[] weights, int at, float factor, float[] out, int outAt) {
        for (int lane = 0; lane < LANES; lane++) {
            out[outAt + lane] += weights[at + lane] * factor;
        }
    }

    @Override
    public void widen(byte[] weights, int at, float[] scales, int scaleAt, float[] out, int outAt, int stride, int n) {
        for (int i = 0; i < n; i++) {
            for (int lane = 0; lane < LANES; lane++) {
                out[outAt + i * stride + lane] = scales[scaleAt + lane] * weights[at + i * LANES + lane];
            }
        }
    }
}
