package io.github.psft4j.kernel.cpu.rows;

import java.util.Arrays;

/** {@link ScoreTiles} by copies of single rows: a loop with an offset into the tile would not become vector code. */
record PlainScoreTiles(RowMath math) implements ScoreTiles {

    private static float[] scratch(int slot, ScoreTile tile) {
        return ThreadScratch.local().array(ThreadScratch.ROW_MATH + slot, tile.queries());
    }

    /** Overwrites the elements of a row outside those of the queries that see the key. */
    private static void hide(float[] row, ScoreTile tile, int key, float value) {
        Arrays.fill(row, 0, tile.from(key), value);
        Arrays.fill(row, tile.to(key), tile.queries(), value);
    }

    @Override
    public void max(float[] scores, ScoreTile tile, float[] max) {
        int n = tile.queries();
        float[] row = scratch(0, tile);
        for (int j = 0; j < tile.keys(); j++) {
            System.arraycopy(scores, j * n, row, 0, n);
            hide(row, tile, j, Float.NEGATIVE_INFINITY);
            max(row, max, n);
        }
    }

    private static void max(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = Math.max(y[i], x[i]);
        }
    }

    @Override
    public void exponentials(float[] scores, ScoreTile tile, float[] max, float[] sum) {
        int n = tile.queries();
        float[] row = scratch(0, tile);
        for (int j = 0; j < tile.keys(); j++) {
            System.arraycopy(scores, j * n, row, 0, n);
            subtractClamped(row, max, n);
            math.exp(row, row, n);
            hide(row, tile, j, 0);
            math.add(row, sum, n);
            System.arraycopy(row, 0, scores, j * n, n);
        }
    }

    private static void subtractClamped(float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            a[i] = Math.max(a[i] - b[i], -RowMath.EXP_LIMIT);
        }
    }

    @Override
    public void addProducts(float[] p, float[] dp, ScoreTile tile, float[] sum) {
        int n = tile.queries();
        float[] row = scratch(0, tile);
        float[] gradient = scratch(1, tile);
        for (int j = 0; j < tile.keys(); j++) {
            System.arraycopy(p, j * n, row, 0, n);
            System.arraycopy(dp, j * n, gradient, 0, n);
            math.multiply(row, gradient, n);
            math.add(gradient, sum, n);
        }
    }

    @Override
    public void scoreGrad(float[] p, float[] dp, ScoreTile tile, float[] delta, float scale) {
        int n = tile.queries();
        float[] row = scratch(0, tile);
        float[] gradient = scratch(1, tile);
        for (int j = 0; j < tile.keys(); j++) {
            System.arraycopy(p, j * n, row, 0, n);
            System.arraycopy(dp, j * n, gradient, 0, n);
            scoreGrad(row, gradient, delta, n, scale);
            System.arraycopy(gradient, 0, dp, j * n, n);
        }
    }

    private static void scoreGrad(float[] p, float[] dp, float[] delta, int n, float scale) {
        for (int i = 0; i < n; i++) {
            dp[i] = p[i] * (dp[i] - delta[i]) * scale;
        }
    }
}
