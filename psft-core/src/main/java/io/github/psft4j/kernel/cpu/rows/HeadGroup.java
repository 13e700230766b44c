package io.github.psft4j.kernel.cpu.rows;

import java.util.Arrays;

/**
 * Query heads that share keys and values, each with one query, and their softmax over the entries of a cache.
 *
 * <p>Every sum has the order of attention over whole sequences, its tiles of {@link ScoreTile#KEYS} keys included. The
 * softmax continues from tile to tile: its sum and outputs are rescaled when a tile raises the maximum. Where the
 * products there are summed in order, the outputs have the same bits.
 */
final class HeadGroup {

    final int heads;
    final int scoreStep; // from the scores of a head to those of the next
    final int outStep; // from the outputs of a head to those of the next
    final float[] scores; // [heads, scoreStep]; zero when a group begins
    final float[] out; // [heads, outStep], of the tile at hand
    private final float[] before; // [heads, outStep], of the tiles before it
    private final float[] row; // of one head
    private final float[] max; // [heads]
    private final float[] sum; // [heads]

    /** {@code row[i] = exp(max(row[i] - max, -87))} for i below n; what lies behind may change, too. */
    interface Exponentials {
        void run(float[] row, int n, float max);
    }

    HeadGroup(int heads, int scoreStep, int outStep) {
        ThreadScratch scratch = ThreadScratch.local();
        this.heads = heads;
        this.scoreStep = scoreStep;
        this.outStep = outStep;
        this.scores = scratch.zeroed(2, heads * scoreStep);
        this.out = scratch.array(3, heads * outStep);
        this.before = scratch.array(4, heads * outStep);
        this.row = scratch.array(5, ScoreTile.KEYS);
        this.max = new float[heads];
        this.sum = new float[heads];
    }

    /** Begins with the next heads. */
    void start() {
        Arrays.fill(max, 0, heads, Float.NEGATIVE_INFINITY);
        Arrays.fill(sum, 0, heads, 0f);
        Arrays.fill(out, 0, heads * outStep, 0f);
    }

    /** The scores [from, to) of a tile become exponentials, which are summed; the outputs of the tile begin at zero. */
    void tile(int from, int to, RowMath math, Exponentials exponentials) {
        if (from > 0) {
            System.arraycopy(out, 0, before, 0, heads * outStep);
            Arrays.fill(out, 0, heads * outStep, 0f);
        }
        for (int g = 0; g < heads; g++) {
            System.arraycopy(scores, g * scoreStep + from, row, 0, to - from);
            float higher = Math.max(max[g], math.max(row, to - from));
            if (from > 0 && higher > max[g]) {
                float factor = (float) Math.exp(max[g] - higher);
                sum[g] *= factor;
                scale(before, g * outStep, outStep, factor);
            }
            max[g] = higher;
            exponentials.run(row, to - from, higher);
            System.arraycopy(row, 0, scores, g * scoreStep + from, to - from);
        }
        addInOrder(scores, scoreStep, heads, from, to, sum);
    }

    /** Ends the tile that begins at an entry: adds the outputs of those before. */
    void endTile(int from, RowMath math) {
        if (from > 0) {
            math.add(before, out, heads * outStep);
        }
    }

    /** Writes the outputs {@code [heads, d]}, and clears the scores for the next heads. */
    void finish(float[] to, int at, int d) {
        for (int g = 0; g < heads; g++) {
            scale(out, g * outStep, d, 1f / sum[g]);
            System.arraycopy(out, g * outStep, to, at + g * d, d);
        }
        Arrays.fill(scores, 0, heads * scoreStep, 0f);
    }

    private static void scale(float[] a, int from, int n, float s) {
        for (int i = from; i < from + n; i++) {
            a[i] *= s;
        }
    }

    /** {@code sum[g] += scores[g step + i]} for i in [from, to), one by one; three heads do not wait for each other. */
    private static void addInOrder(float[] scores, int step, int heads, int from, int to, float[] sum) {
        int g = 0;
        for (; g + 3 <= heads; g += 3) {
            float s0 = sum[g];
            float s1 = sum[g + 1];
            float s2 = sum[g + 2];
            for (int i = g * step + from; i < g * step + to; i++) {
                s0 += scores[i];
                s1 += scores[i + step];
                s2 += scores[i + 2 * step];
            }
            sum[g] = s0;
            sum[g + 1] = s1;
            sum[g + 2] = s2;
        }
        for (; g < heads; g++) {
            float s = sum[g];
            for (int i = g * step + from; i < g * step + to; i++) {
                s += scores[i];
            }
            sum[g] = s;
        }
    }
}
