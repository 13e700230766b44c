package io.github.psft4j.kernel.cpu.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Both forms of the loops over a tile of scores against loops over single scores; hidden scores count for nothing. */
class ScoreTilesTest {

    private static final List<ScoreTile> TILES = List.of(
            new ScoreTile(1, 1, 0, 0),
            new ScoreTile(40, 40, 0, 0), // the diagonal
            new ScoreTile(50, 37, -13, 0), // all keys of the later queries
            new ScoreTile(20, 64, -70, 0), // nothing is hidden
            new ScoreTile(33, 48, -30, 29), // a window's edge
            new ScoreTile(5, 20, 30, 0)); // everything is hidden

    private final Random random = new Random(3);

    private static List<ScoreTiles> forms() {
        List<ScoreTiles> forms = new ArrayList<>(List.of(new PlainRows().scoreTiles()));
        if (RowMathFactory.moduleLoaded()) {
            forms.add(new VectorRows().scoreTiles());
        }
        return forms;
    }

    private float[] normal(int n, double deviation) {
        float[] a = new float[n];
        for (int i = 0; i < n; i++) {
            a[i] = (float) (deviation * random.nextGaussian());
        }
        return a;
    }

    private static boolean seen(ScoreTile t, int key, int query) {
        int distance = query - (key + t.shift()); // from the key's position to the query's
        return distance >= 0 && (t.window() == 0 || distance < t.window());
    }

    private interface Score {
        void at(int place, int key, int query);
    }

    private static void each(ScoreTile t, boolean seen, Score work) {
        for (int j = 0; j < t.keys(); j++) {
            for (int i = 0; i < t.queries(); i++) {
                if (seen(t, j, i) == seen) {
                    work.at(j * t.queries() + i, j, i);
                }
            }
        }
    }

    /** Scores, hidden ones larger than all others and with a NaN among them. */
    private float[] scores(ScoreTile t) {
        float[] scores = normal(t.size(), 3);
        each(t, false, (place, key, query) -> scores[place] = key % 3 == 0 ? Float.NaN : 1000);
        return scores;
    }

    @Test
    void maximaAreThoseOfTheKeysThatAreSeen() {
        for (ScoreTile t : TILES) {
            for (ScoreTiles form : forms()) {
                float[] scores = scores(t);
                float[] expected = new float[t.queries()];
                Arrays.fill(expected, Float.NEGATIVE_INFINITY);
                float[] actual = expected.clone();
                each(t, true, (place, key, query) -> expected[query] = Math.max(expected[query], scores[place]));
                form.max(scores.clone(), t, actual);
                assertArrayEquals(expected, actual, t + " of " + form);
            }
        }
    }

    @Test
    void exponentialsAreSummedPerQueryAndZeroWhereHidden() {
        for (ScoreTile t : TILES) {
            for (ScoreTiles form : forms()) {
                float[] scores = scores(t);
                each(t, true, (place, key, query) -> scores[place] = place % 7 == 0 ? -500 : scores[place]);
                float[] max = normal(t.queries(), 1);
                float[] sum = normal(t.queries(), 1);
                double[] expected = new double[t.size()];
                double[] sums = new double[t.queries()];
                Arrays.setAll(sums, i -> sum[i]);
                each(t, true, (place, key, query) -> {
                    expected[place] = Math.exp(Math.max(scores[place] - max[query], -87));
                    sums[query] += expected[place];
                });
                form.exponentials(scores, t, max, sum);
                each(
                        t,
                        true,
                        (place, key, query) -> assertEquals(
                                1, scores[place] / expected[place], scores[place] < 1e-30 ? 1e-2 : 1e-5, t + ""));
                each(t, false, (place, key, query) -> assertEquals(0, scores[place], t + " of " + form));
                for (int i = 0; i < t.queries(); i++) {
                    assertEquals(sums[i], sum[i], 1e-5 * Math.max(1, Math.abs(sums[i])), t + " of " + form);
                }
            }
        }
    }

    @Test
    void gradientsOfScoresFollowFromTheSumsPerQuery() {
        for (ScoreTile t : TILES) {
            for (ScoreTiles form : forms()) {
                float[] p = normal(t.size(), 1);
                float[] dp = normal(t.size(), 1);
                each(t, false, (place, key, query) -> p[place] = 0);
                float[] delta = normal(t.queries(), 1);
                float[] sum = new float[t.queries()];
                double[] sums = new double[t.queries()];
                double[] expected = new double[t.size()];
                each(t, true, (place, key, query) -> {
                    sums[query] += p[place] * (double) dp[place];
                    expected[place] = p[place] * ((double) dp[place] - delta[query]) * 0.25;
                });
                form.addProducts(p, dp, t, sum);
                form.scoreGrad(p, dp, t, delta, 0.25f);
                for (int place = 0; place < t.size(); place++) {
                    assertEquals(expected[place], dp[place], 1e-5, t + " of " + form);
                }
                for (int i = 0; i < t.queries(); i++) {
                    assertEquals(sums[i], sum[i], 1e-4, t + " of " + form);
                }
            }
        }
    }
}
