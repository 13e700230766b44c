package io.github.psft4j.kernel.cpu.rows;

import java.util.Arrays;

/**
 * Query heads with one query each, which read the same pages, and their softmax over the entries of a cache.
 *
 * <p>Every sum has the order of attention over whole sequences, its tiles of {@link ScoreTile#KEYS} keys included. The
 * softmax continues from tile to tile: its sum and outputs are rescaled when a tile raises the maximum. Where the
 * products there are summed in order, the outputs have the same bits.
 */
final class HeadGroup {

    /** Loops over the scores of one tile, {@code [heads, step]}; what lies behind the n-th of a head may change. */
    interface Loops {

        /** {@code max[g] = max(max[g], scores[g step + i])}, or NaN may be left out. */
        void maxima(float[] scores, int step, int heads, int n, float[] max);

        /** {@code scores[g step + i] = exp(max(scores[g step + i] - max[g], -87))}, NaN for NaN. */
        void exponentials(float[] scores, int step, int heads, int n, float[] max);
    }

    final int heads;
    final int scoreStep; // from the scores of a head to those of the next
    final int outStep; // from the outputs of a head to those of the next
    final float[] scores; // [heads, scoreStep], of the tile at hand
    final float[] out; // [heads, outStep], of the tile at hand
    private final Loops loops;
    private final float[] before; // [heads, outStep], of the tiles before it
    private final float[] max; // [heads]
    private final float[] lower; // [heads], max before the tile at hand
    private final float[] sum; // [heads]
    private boolean first = true; // whether no tile is before the one at hand

    HeadGroup(int heads, int scoreStep, int outStep, Loops loops) {
        ThreadScratch scratch = ThreadScratch.local();
        this.heads = heads;
        this.scoreStep = scoreStep;
        this.outStep = outStep;
        this.loops = loops;
        this.scores = scratch.array(2, heads * scoreStep);
        this.out = scratch.array(3, heads * outStep);
        this.before = scratch.array(4, heads * outStep);
        this.max = new float[heads];
        this.lower = new float[heads];
        this.sum = new float[heads];
        Arrays.fill(max, Float.NEGATIVE_INFINITY);
    }

    /** The n scores of the tile become exponentials, which are summed; the outputs of the tile begin at zero. */
    void softmax(int n) {
        if (!first) {
            System.arraycopy(out, 0, before, 0, heads * outStep);
            System.arraycopy(max, 0, lower, 0, heads);
        }
        Arrays.fill(out, 0, heads * outStep, 0f);
        loops.maxima(scores, scoreStep, heads, n, max);
        for (int g = 0; !first && g < heads; g++) {
            if (max[g] > lower[g]) {
                float factor = (float) Math.exp(lower[g] - max[g]);
                sum[g] *= factor;
                scale(before, g * outStep, outStep, factor);
            }
        }
        loops.exponentials(scores, scoreStep, heads, n, max);
        addInOrder(n);
    }

    /** Ends the tile: adds the outputs of those before. */
    void endTile(RowMath math) {
        if (!first) {
            math.add(before, out, heads * outStep);
        }
        first = false;
    }

    /** Writes the outputs {@code [heads, d]}. */
    void finish(float[] to, int at, int d) {
        for (int g = 0; g < heads; g++) {
            scale(out, g * outStep, d, 1f / sum[g]);
            System.arraycopy(out, g * outStep, to, at + g * d, d);
        }
    }

    private static void scale(float[] a, int from, int n, float s) {
        for (int i = from; i < from + n; i++) {
            a[i] *= s;
        }
    }

    /** {@code sum[g] += scores[g step + i]}, one by one. */
    private void addInOrder(int n) {
        int g = 0;
        for (; g + 8 <= heads; g += 8) {
            addInOrder8(scores, g * scoreStep, scoreStep, n, sum, g);
        }
        for (; g + 4 <= heads; g += 4) {
            addInOrder4(scores, g * scoreStep, scoreStep, n, sum, g);
        }
        for (; g + 2 <= heads; g += 2) {
            addInOrder2(scores, g * scoreStep, scoreStep, n, sum, g);
        }
        for (; g < heads; g++) {
            float s = sum[g];
            for (int i = g * scoreStep; i < g * scoreStep + n; i++) {
                s += scores[i];
            }
            sum[g] = s;
        }
    }

    /** Eight heads side by side, so that none waits for its own sum; the next two for what is left. */
    private static void addInOrder8(float[] scores, int at, int step, int n, float[] sum, int g) {
        float s0 = sum[g];
        float s1 = sum[g + 1];
        float s2 = sum[g + 2];
        float s3 = sum[g + 3];
        float s4 = sum[g + 4];
        float s5 = sum[g + 5];
        float s6 = sum[g + 6];
        float s7 = sum[g + 7];
        for (int i = at; i < at + n; i++) {
            s0 += scores[i];
            s1 += scores[i + step];
            s2 += scores[i + 2 * step];
            s3 += scores[i + 3 * step];
            s4 += scores[i + 4 * step];
            s5 += scores[i + 5 * step];
            s6 += scores[i + 6 * step];
            s7 += scores[i + 7 * step];
        }
        sum[g] = s0;
        sum[g + 1] = s1;
        sum[g + 2] = s2;
        sum[g + 3] = s3;
        sum[g + 4] = s4;
        sum[g + 5] = s5;
        sum[g + 6] = s6;
        sum[g + 7] = s7;
    }

    private static void addInOrder4(float[] scores, int at, int step, int n, float[] sum, int g) {
        float s0 = sum[g];
        float s1 = sum[g + 1];
        float s2 = sum[g + 2];
        float s3 = sum[g + 3];
        for (int i = at; i < at + n; i++) {
            s0 += scores[i];
            s1 += scores[i + step];
            s2 += scores[i + 2 * step];
            s3 += scores[i + 3 * step];
        }
        sum[g] = s0;
        sum[g + 1] = s1;
        sum[g + 2] = s2;
        sum[g + 3] = s3;
    }

    private static void addInOrder2(float[] scores, int at, int step, int n, float[] sum, int g) {
        float s0 = sum[g];
        float s1 = sum[g + 1];
        for (int i = at; i < at + n; i++) {
            s0 += scores[i];
            s1 += scores[i + step];
        }
        sum[g] = s0;
        sum[g + 1] = s1;
    }
}
