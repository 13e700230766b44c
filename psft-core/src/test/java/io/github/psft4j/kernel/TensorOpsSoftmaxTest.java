package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.GuardedArrays.assertClose;
import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.TensorOpsTest.Candidate;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Log-probs, entropies and gradients of the vocabulary softmax, ordinary and extreme, for every implementation. */
class TensorOpsSoftmaxTest {

    private static final String CANDIDATES = "io.github.psft4j.kernel.TensorOpsTest#candidates";
    private static final double INF = Double.POSITIVE_INFINITY;

    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void statisticsAndGradientMatchScalarLoopsAtAnyRowOffset(Candidate it) {
        int[][] shapes = {{1, 1}, {1, 5}, {6, 1}, {7, 33}, {40, 1001}, {3, 20_011}};
        for (int[] s : shapes) {
            for (int firstRow : new int[] {0, 3}) {
                int n = s[0];
                int v = s[1];
                GuardedArrays arrays = it.arrays(n + v);
                INDArray logits = arrays.scaledNormal(3, n, v);
                double[] z = values(logits);
                int[] targets = new int[firstRow + n + 2];
                double[] scale = new double[targets.length];
                Arrays.fill(targets, v + 1); // never to be read outside the chunk
                for (int i = 0; i < n; i++) {
                    targets[firstRow + i] = i * 31 % v;
                    scale[firstRow + i] = i % 7 == 3 ? 0 : 0.25 * (i % 3 + 1) * (i % 2 == 0 ? 1 : -1);
                }
                TokenStatistics statistics = TokenStatistics.ofRows(targets.length);
                Arrays.fill(statistics.logProb(), 99); // of an earlier sweep
                String at = Arrays.toString(s) + " from " + firstRow;

                it.ops().softmax().forward(logits, targets, firstRow, statistics);
                double[] exps = values(logits);
                it.ops().softmax().grad(logits, targets, firstRow, statistics, scale);

                double[] grad = values(logits);
                double[] gradExpected = new double[n * v];
                double[] logProb = new double[n];
                double[] entropy = new double[n];
                for (int i = 0; i < n; i++) {
                    int target = targets[firstRow + i];
                    double[] row = Arrays.copyOfRange(z, i * v, (i + 1) * v);
                    logProb[i] = row[target] - ScalarReference.logSumExp(row);
                    entropy[i] = ScalarReference.entropy(row);
                    double[] p = ScalarReference.softmaxRow(row);
                    double max = Arrays.stream(row).max().orElseThrow();
                    for (int c = 0; c < v; c++) {
                        double s0 = scale[firstRow + i];
                        gradExpected[i * v + c] = s0 * (p[c] - (c == target ? 1 : 0));
                        assertEquals(Math.exp(row[c] - max), exps[i * v + c], it.tolerance(), "exps " + at);
                        assertTrue(s0 != 0 || grad[i * v + c] == 0, "a row of scale 0 is exactly 0");
                    }
                }
                assertClose(logProb, chunk(statistics.logProb(), firstRow, n), it.tolerance(), "logProb " + at);
                assertClose(entropy, chunk(statistics.entropy(), firstRow, n), it.tolerance(), "entropy " + at);
                assertClose(gradExpected, grad, it.tolerance(), "gradient " + at);
                assertEquals(99, statistics.logProb()[firstRow + n], "statistics outside the chunk are not written");
                arrays.assertGuardsIntact();
            }
        }
    }

    private static double[] chunk(double[] values, int from, int n) {
        return Arrays.copyOfRange(values, from, from + n);
    }

    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void extremeButValidLogitsGiveExactResults(Candidate it) {
        double[][] rows = {
            {1e4, -1e4, 0, 0}, // certain, target certain
            {1e4, -1e4, 0, 0}, // certain, target all but impossible
            {1e4, 1e4, -1e4, -1e4}, // two of equal rank
            {-1e4, -1e4, -1e4, -1e4}, // uniform, far below 0
            {2, -INF, 2, -INF}, // excluded tokens
            {0, 1, -INF, 1}, // target excluded
        };
        int[] targets = {0, 1, 1, 2, 2, 2};
        double[] logProb = {0, -2e4, -Math.log(2), -Math.log(4), -Math.log(2), -INF};
        double[] entropy = new double[rows.length];
        double[] gradient = new double[rows.length * 4];
        for (int i = 0; i < rows.length; i++) {
            entropy[i] = ScalarReference.entropy(rows[i]);
            double[] p = ScalarReference.softmaxRow(rows[i]);
            for (int c = 0; c < 4; c++) {
                gradient[i * 4 + c] = p[c] - (c == targets[i] ? 1 : 0);
            }
        }
        double[] ones = new double[rows.length];
        Arrays.fill(ones, 1);
        INDArray logits = it.arrays(1)
                .of(Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray(), 6, 4);
        TokenStatistics statistics = TokenStatistics.ofRows(6);
        it.ops().softmax().forward(logits, targets, 0, statistics);
        it.ops().softmax().grad(logits, targets, 0, statistics, ones);
        for (int i = 0; i < rows.length; i++) {
            assertEquals(logProb[i], statistics.logProb()[i], it.tolerance() * 1e-1, "logProb of row " + i);
            assertEquals(entropy[i], statistics.entropy()[i], it.tolerance(), "entropy of row " + i);
        }
        assertClose(gradient, logits, it.tolerance(), "gradient");
    }

    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void aBrokenRowGivesNaNAndHarmsNoOther(Candidate it) {
        for (double broken : new double[] {Double.NaN, INF}) {
            for (int where = 0; where < 3; where++) {
                double[] z = {1, 2, 3, 1, 2, 3, 1, 2, 3};
                z[3 + where] = broken;
                INDArray logits = it.arrays(1).of(z, 3, 3);
                int[] targets = {2, 0, 1};
                TokenStatistics statistics = TokenStatistics.ofRows(3);
                it.ops().softmax().forward(logits, targets, 0, statistics);

                String at = broken + " at " + where;
                double[] row = {1, 2, 3};
                assertTrue(Double.isNaN(statistics.logProb()[1]), "logProb with " + at);
                assertEquals(3 - ScalarReference.logSumExp(row), statistics.logProb()[0], 1e-5, at);
                assertEquals(2 - ScalarReference.logSumExp(row), statistics.logProb()[2], 1e-5, at);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void exponentialsOfARowAreThoseOfScalars(Candidate it) {
        float[] x = new float[123];
        for (int i = 0; i < x.length; i++) {
            x[i] = -30 + i * 0.5f;
        }
        float[] exps = x.clone();
        it.ops().vectors().exp(exps, 121);
        for (int i = 0; i < 121; i++) {
            assertEquals(1, exps[i] / Math.exp(x[i]), 1e-5, "exp(" + x[i] + ")");
        }
    }
}
