package io.github.psft4j.kernel.cpu.rows;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ScoreTiles} by the JDK's Vector module. The vectors of a row begin at a multiple of their length in front of
 * the first query that sees the key, so that scores behind the diagonal cost little.
 */
final class VectorScoreTiles implements ScoreTiles {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();

    private static FloatVector load(float[] a, int i) {
        return FloatVector.fromArray(S, a, i);
    }

    private static int whole(int n) {
        return n - n % L;
    }

    @Override
    public void max(float[] scores, ScoreTile tile, float[] max) {
        int n = tile.queries();
        for (int j = 0; j < tile.keys(); j++) {
            int row = j * n;
            int from = tile.from(j);
            int first = whole(from);
            Arrays.fill(scores, row + first, row + from, Float.NEGATIVE_INFINITY);
            Arrays.fill(scores, row + tile.to(j), row + n, Float.NEGATIVE_INFINITY);
            int i = first;
            for (; i <= n - L; i += L) {
                load(max, i).max(load(scores, row + i)).intoArray(max, i);
            }
            for (; i < n; i++) {
                max[i] = Math.max(max[i], scores[row + i]);
            }
        }
    }

    @Override
    public void exponentials(float[] scores, ScoreTile tile, float[] max, float[] sum) {
        int n = tile.queries();
        for (int j = 0; j < tile.keys(); j++) {
            int row = j * n;
            int from = tile.from(j);
            int first = whole(from);
            VectorCalls.expDifferences(scores, row, first, n, max);
            Arrays.fill(scores, row, row + from, 0f);
            Arrays.fill(scores, row + tile.to(j), row + n, 0f);
            int i = first;
            for (; i <= n - L; i += L) {
                load(sum, i).add(load(scores, row + i)).intoArray(sum, i);
            }
            for (; i < n; i++) {
                sum[i] += scores[row + i];
            }
        }
    }

    /**
     * {@code scores[row + i] = exp(max(scores[row + i] - max[i], -87))} for i from {@code first} on. A score has the
     * same bits wherever in a tile it stands.
     */
    static void expDifferences(float[] scores, int row, int first, int n, float[] max) {
        int i = first;
        for (; i <= n - L; i += L) {
            VectorExp.expOrTiny(load(scores, row + i).sub(load(max, i))).intoArray(scores, row + i);
        }
        for (; i < n; i++) {
            scores[row + i] = VectorExp.exp(Math.max(scores[row + i] - max[i], -RowMath.EXP_LIMIT));
        }
    }

    @Override
    public void addProducts(float[] p, float[] dp, ScoreTile tile, float[] sum) {
        int n = tile.queries();
        for (int j = 0; j < tile.keys(); j++) {
            int row = j * n;
            int i = whole(tile.from(j));
            for (; i <= n - L; i += L) {
                load(sum, i).add(load(p, row + i).mul(load(dp, row + i))).intoArray(sum, i);
            }
            for (; i < n; i++) {
                sum[i] += p[row + i] * dp[row + i];
            }
        }
    }

    @Override
    public void scoreGrad(float[] p, float[] dp, ScoreTile tile, float[] delta, float scale) {
        int n = tile.queries();
        for (int j = 0; j < tile.keys(); j++) {
            int row = j * n;
            int i = whole(tile.from(j));
            Arrays.fill(dp, row, row + i, 0f);
            for (; i <= n - L; i += L) {
                load(p, row + i)
                        .mul(load(dp, row + i).sub(load(delta, i)))
                        .mul(scale)
                        .intoArray(dp, row + i);
            }
            for (; i < n; i++) {
                dp[row + i] = p[row + i] * (dp[row + i] - delta[i]) * scale;
            }
        }
    }
}
