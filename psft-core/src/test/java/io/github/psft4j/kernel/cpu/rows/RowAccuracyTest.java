package io.github.psft4j.kernel.cpu.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows of every form by themselves: how exact exponentials are, and that nothing behind a row's end counts. */
class RowAccuracyTest {

    private static final String FORMS = "io.github.psft4j.kernel.TensorOpsTest#rowForms";

    @ParameterizedTest
    @MethodSource(FORMS)
    void exponentialsKeepTheirErrorBoundsUpToTheLimit(RowMath rows) {
        int n = 20_001;
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = RowMath.EXP_LIMIT * (2f * i / (n - 1) - 1);
        }
        float[] e = new float[n + RowMath.PADDING];
        rows.exp(x.clone(), e, n);
        for (int i = 0; i < n; i++) {
            double exact = Math.exp(x[i]);
            double bound = Math.abs(x[i]) <= 30 ? 1e-5 : 1e-2;
            assertEquals(exact, e[i], bound * exact, "exp of " + x[i] + " in " + rows.name());
        }
        double[] sums = new double[2];
        rows.expSums(x, n, RowMath.EXP_LIMIT, sums); // exponents from -174 to 0, cut at -87
        double sum = 0;
        double weighted = 0;
        for (int i = 0; i < n; i++) {
            double d = Math.max(RowMath.EXP_LIMIT * (2.0 * i / (n - 1) - 2), -RowMath.EXP_LIMIT);
            sum += Math.exp(d);
            weighted += Math.exp(d) * d;
        }
        assertEquals(sum, sums[0], 1e-5 * sum, rows.name());
        assertEquals(weighted, sums[1], 1e-5 * Math.abs(weighted), rows.name());
    }

    @ParameterizedTest
    @MethodSource(FORMS)
    void whatLiesBehindARowIsNotRead(RowMath rows) {
        Random random = new Random(7);
        for (int n : new int[] {1, 2, 7, 16, 127, 128, 255, 256, 257, 300, 384, 500, 683}) {
            float[] a = new float[n + 200];
            float[] b = new float[n + 200];
            double sum = 0;
            double dot = 0;
            double max = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < a.length; i++) {
                a[i] = i < n ? (float) random.nextGaussian() - 3 : 1e9f;
                b[i] = i < n ? (float) random.nextGaussian() - 3 : 1e9f;
                sum += i < n ? a[i] : 0;
                dot += i < n ? a[i] * b[i] : 0;
                max = Math.max(max, i < n ? a[i] : max);
            }
            String at = n + " in " + rows.name();
            assertEquals(sum, rows.sum(a, n), 1e-5 * Math.abs(sum), at);
            assertEquals(dot, rows.dot(a, b, n), 1e-5 * Math.abs(dot), at);
            assertEquals(max, rows.max(a, n), at);
            for (int where : new int[] {0, n / 2, n - 1}) {
                float kept = a[where];
                a[where] = 5;
                assertEquals(5, rows.max(a, n), "largest at " + where + " of " + at);
                a[where] = Float.NaN;
                assertTrue(Float.isNaN(rows.max(a, n)), "NaN at " + where + " of " + at);
                a[where] = kept;
            }
        }
        assertEquals(Float.NEGATIVE_INFINITY, rows.max(new float[16], 0));
        assertTrue(rows.name().contains("rows"), rows.name());
    }
}
