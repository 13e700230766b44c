package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.GuardedArrays.assertClose;
import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.TensorOpsTest.Candidate;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rows of dense objectives, and chosen columns, against scalar loops for every implementation. */
class DenseSoftmaxTest {

    private static final String CANDIDATES = "io.github.psft4j.kernel.TensorOpsTest#candidates";

    /** Random scalars per row, a few of them 0, and one row without any gradient. */
    private static RowGradient gradient(int firstRow, int n, boolean reference) {
        Random random = new Random(n);
        double[][] g = new double[6][firstRow + n];
        for (int k = 0; k < 6; k++) {
            for (int i = 0; i < n; i++) {
                boolean absent = i % 6 == k || i == 2 || !reference && (k == 3 || k == 4);
                g[k][firstRow + i] = absent ? 0 : random.nextGaussian();
            }
        }
        return new RowGradient(g[0], g[1], g[2], g[3], g[4], g[5]);
    }

    @Test
    void aRowHasNoGradientOnlyIfAllItsFactorsAreZero() {
        double[][] g = new double[6][7];
        for (int k = 0; k < 6; k++) {
            g[k][k] = -1e-9;
        }
        RowGradient gradient = new RowGradient(g[0], g[1], g[2], g[3], g[4], g[5]);
        for (int t = 0; t < 7; t++) {
            assertEquals(t == 6, gradient.isZero(t), "row " + t);
        }
    }

    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void statisticsAndGradientMatchScalarLoopsWithAndWithoutReference(Candidate it) {
        for (int[] s : new int[][] {{1, 1}, {6, 5}, {7, 33}, {3, 1024}, {5, 2500}}) {
            for (boolean withReference : new boolean[] {true, false}) {
                int firstRow = s[0] % 3;
                int n = s[0];
                int v = s[1];
                GuardedArrays arrays = it.arrays(n + v);
                INDArray logits = arrays.scaledNormal(2, n, v);
                INDArray reference = withReference ? arrays.scaledNormal(2, n, v) : null;
                double[] z = values(logits);
                double[] zRef = withReference ? values(reference) : z;
                int[] targets = new int[firstRow + n];
                for (int i = 0; i < n; i++) {
                    targets[firstRow + i] = i * 31 % v;
                }
                RowGradient g = gradient(firstRow, n, withReference);
                TokenStatistics out = TokenStatistics.dense(firstRow + n);
                it.ops().softmax().denseForward(logits, reference, targets, firstRow, out);
                assertArrayEquals(z, values(logits), "logits are not touched");
                it.ops().softmax().denseGrad(logits, reference, targets, firstRow, out, g);

                double[] expected = new double[n * v];
                for (int i = 0; i < n; i++) {
                    int t = firstRow + i;
                    double[] l = logProbs(z, i, v);
                    double[] lq = logProbs(zRef, i, v);
                    double mean = 0;
                    double forward = 0;
                    double reverse = 0;
                    double entropy = 0;
                    for (int c = 0; c < v; c++) {
                        double p = Math.exp(l[c]);
                        double q = Math.exp(lq[c]);
                        mean += l[c] / v;
                        forward += q * (lq[c] - l[c]);
                        reverse += p * (l[c] - lq[c]);
                        entropy -= q * lq[c];
                        expected[i * v + c] = p
                                        * (g.target()[t]
                                                + g.softmax()[t]
                                                + g.softmaxLog()[t] * l[c]
                                                + g.softmaxLogReference()[t] * lq[c])
                                + g.reference()[t] * q
                                + g.uniform()[t]
                                - (c == targets[t] ? g.target()[t] : 0);
                    }
                    double tolerance = 10 * it.tolerance();
                    assertEquals(l[targets[t]], out.logProb()[t], tolerance, "log-prob");
                    assertEquals(mean, out.dense().meanLogProb()[t], tolerance, "mean log-prob");
                    if (withReference) {
                        assertEquals(lq[targets[t]], out.dense().refLogProb()[t], tolerance, "reference log-prob");
                        assertEquals(entropy, out.dense().refEntropy()[t], tolerance, "reference entropy");
                        assertEquals(forward, out.dense().forwardKl()[t], tolerance, "forward KL");
                        assertEquals(reverse, out.dense().reverseKl()[t], tolerance, "reverse KL");
                    }
                }
                assertClose(expected, values(logits), it.tolerance(), "gradient " + Arrays.toString(s));
                for (int c = 0; c < v && n > 2; c++) {
                    assertEquals(0, values(logits)[2 * v + c], "a row without scalars is exactly 0");
                }
                arrays.assertGuardsIntact();
            }
        }
    }

    private static double[] logProbs(double[] z, int row, int v) {
        double[] values = Arrays.copyOfRange(z, row * v, (row + 1) * v);
        double logSumExp = ScalarReference.logSumExp(values);
        return Arrays.stream(values).map(x -> x - logSumExp).toArray();
    }

    /** Otherwise pi_old, taken by the scalar sweep, would differ from a policy that has not moved. */
    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void logProbsAreThoseOfTheScalarSweepToTheLastBit(Candidate it) {
        INDArray logits = it.arrays(5).scaledNormal(3, 9, 2500);
        int[] targets = {0, 5, 100, 2499, 7, 1024, 1023, 3, 9};
        TokenStatistics dense = TokenStatistics.dense(9);
        TokenStatistics scalar = TokenStatistics.ofRows(9);
        it.ops().softmax().denseForward(logits, logits.dup('c'), targets, 0, dense);
        it.ops().softmax().forward(logits, targets, 0, scalar);
        assertArrayEquals(scalar.logProb(), dense.logProb());
        assertArrayEquals(new double[9], dense.dense().forwardKl(), "a distribution has no distance from itself");
        assertArrayEquals(new double[9], dense.dense().reverseKl());
    }

    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void extremeLogitsStayFinite(Candidate it) {
        double inf = Double.NEGATIVE_INFINITY;
        double[] z = {1e4, -1e4, 0, 0, -1e4, 1e4, inf, 0, 1, inf, inf, 5};
        double[] zRef = {-1e4, 1e4, 0, 0, -1e4, 1e4, inf, 1, 0, 5, inf, inf};
        INDArray logits = it.arrays(1).of(z, 4, 3);
        INDArray reference = it.arrays(2).of(zRef, 4, 3);
        int[] targets = {0, 1, 1, 2};
        TokenStatistics out = TokenStatistics.dense(4);
        it.ops().softmax().denseForward(logits, reference, targets, 0, out);
        double[] ones = {1, 1, 1, 1};
        it.ops()
                .softmax()
                .denseGrad(logits, reference, targets, 0, out, new RowGradient(ones, ones, ones, ones, ones, ones));
        assertTrue(Arrays.stream(values(logits)).allMatch(Double::isFinite), Arrays.toString(values(logits)));
        assertTrue(Arrays.stream(out.dense().forwardKl()).allMatch(Double::isFinite));
        assertTrue(Arrays.stream(out.dense().reverseKl()).allMatch(Double::isFinite));
        assertEquals(2e4, out.dense().forwardKl()[0], 1, "as far apart as the logits say");
    }

    @ParameterizedTest
    @MethodSource(CANDIDATES)
    void topKAndColumnsMatchSorting(Candidate it) {
        for (int[] s : new int[][] {{1, 1, 1}, {4, 7, 7}, {5, 33, 3}, {3, 5000, 20}}) {
            int n = s[0];
            int v = s[1];
            int k = s[2];
            int firstRow = 2;
            GuardedArrays arrays = it.arrays(n * v);
            INDArray x = arrays.normal(n, v);
            double[] z = values(x);
            int[] ids = new int[(firstRow + n) * k];
            double[] largest = new double[ids.length];
            it.ops().softmax().topK(x, k, firstRow, ids, largest);
            double[] gathered = new double[ids.length];
            it.ops().softmax().gatherColumns(x, k, firstRow, ids, gathered);
            double[] added = new double[ids.length];
            Arrays.setAll(added, i -> 0.5 * i);
            it.ops().softmax().addColumns(added, k, firstRow, ids, x);
            for (int i = 0; i < n; i++) {
                double[] row = Arrays.copyOfRange(z, i * v, (i + 1) * v);
                double[] sorted = row.clone();
                Arrays.sort(sorted);
                for (int j = 0; j < k; j++) {
                    int at = (firstRow + i) * k + j;
                    assertEquals(sorted[v - 1 - j], largest[at], "value " + j);
                    assertEquals(largest[at], row[ids[at]], "column " + j);
                    assertEquals(largest[at], gathered[at], "gathered");
                    row[ids[at]] += added[at];
                }
                assertClose(row, Arrays.copyOfRange(values(x), i * v, (i + 1) * v), it.tolerance(), "added");
            }
            arrays.assertGuardsIntact();
        }
    }
}
