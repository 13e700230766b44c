package io.github.psft4j.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** What the PSFT objective promises about its ratio, its clip and its numbers, exactly where it is exact. */
class PsftInvariantsTest {

    private static final TokenLoss SFT = new TokenLoss(new SftObjective());

    /** Rows whose ratio against pi_old is exp(logRatio), all trained. */
    private static TokenRows withLogRatio(long seed, double... logRatios) {
        TokenRows rows = TokenRows.random(seed, logRatios.length, 11);
        for (int i = 0; i < rows.size(); i++) {
            rows.mask[i] = 1;
            rows.old[i] = ScalarLoss.logProb(rows.logits[i], rows.id(i)) - logRatios[i];
        }
        return rows;
    }

    private static void assertRowsEqual(double[][] expected, double[][] actual) {
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], actual[i], "row " + i);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void currentPolicyAsOldPolicyGivesTheSftGradientBitForBit(DataType type) {
        TokenRows rows = TokenRows.random(1, 40, 301);
        double[][] sft = rows.gradient(SFT, type);
        double[] logProbs = SFT.logProbs();
        double nll = SFT.report().nll();
        PsftLoss psft = new PsftLoss();

        assertRowsEqual(sft, rows.current().gradient(psft, type));
        assertEquals(
                new LossReport(psft.report().value(), nll, psft.report().entropy(), 1, 0, 0, 1, 29), psft.report());

        System.arraycopy(logProbs, 0, rows.old, 0, logProbs.length);
        assertRowsEqual(sft, rows.gradient(psft, type));
        assertEquals(-1, psft.report().value(), 1e-15, "value at r = 1");
        assertEquals(1, psft.report().meanRatio(), "ratio");
        assertEquals(0, psft.report().approxKl(), "KL");
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void ratioAboveTheUpperClipGivesAnExactlyZeroRowAndAConstantLoss(DataType type) {
        PsftLoss loss = new PsftLoss(0.2, 0.28);
        TokenRows rows = withLogRatio(2, 0.26, 0.5, 3, 19, 25, 400);
        for (double[] row : rows.gradient(loss, type)) {
            assertArrayEquals(new double[11], row);
        }
        for (double value : rows.scoreArray(loss, type)) {
            assertEquals(type == DataType.FLOAT ? -1.28f : -1.28, value);
        }
        assertEquals(1, loss.report().clipFraction(), "clip fraction");
    }

    @Test
    void gradientStopsOnlyAboveTheClipEdge() {
        double edge = Math.log(1.28);
        TokenRows rows = withLogRatio(3, edge - 1e-9, edge + 1e-9);
        double[][] gradient = rows.gradient(new PsftLoss(0.2, 0.28), DataType.DOUBLE);
        double[] full = ScalarLoss.gradient(rows.logits[0], rows.id(0), 1.28 / 2);
        assertArrayEquals(full, gradient[0], 1e-8, "just below");
        assertArrayEquals(new double[11], gradient[1], "just above");
    }

    @Test
    void ratioExactlyAtTheClipEdgeStillTrains() {
        double ratio = Math.exp(0.25);
        PsftLoss loss = new PsftLoss(0.2, ratio - 1); // both differences are exact, so that r == 1 + epsHigh
        assertEquals(ratio, 1 + (ratio - 1));
        double logProb = -Math.log(2);
        TokenRows rows = new TokenRows(
                new double[][] {{0, 0}}, new double[] {0}, new double[] {logProb - 0.25}, new double[] {1});
        assertArrayEquals(new double[] {-ratio / 2, ratio / 2}, rows.gradient(loss, DataType.DOUBLE)[0], 1e-15);
        assertEquals(ratio, loss.report().meanRatio(), "r at the edge, exactly");
        assertEquals(0, loss.report().clipFraction(), "clip fraction");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.01, 0.5, 1})
    void lowerClipWidthIsInert(double epsLow) {
        TokenRows rows = withLogRatio(4, -15, -2, -0.3, -0.01, 0, 0.1, 0.2, 0.4);
        PsftLoss reference = new PsftLoss(0.2, 0.28);
        PsftLoss loss = new PsftLoss(epsLow, 0.28);
        assertArrayEquals(rows.scoreArray(reference, DataType.DOUBLE), rows.scoreArray(loss, DataType.DOUBLE));
        assertRowsEqual(rows.gradient(reference, DataType.DOUBLE), rows.gradient(loss, DataType.DOUBLE));
        assertEquals(reference.report(), loss.report());
        assertTrue(Arrays.stream(rows.gradient(loss, DataType.DOUBLE)[0]).allMatch(g -> g != 0), "r = exp(-15) trains");
    }

    @Test
    void logRatioIsBoundedAtTwentyNats() {
        TokenRows rows = withLogRatio(5, -19.9, -20.1, -1e5, 1e5);
        PsftLoss loss = new PsftLoss();
        double[] value = rows.scoreArray(loss, DataType.DOUBLE);
        double[][] gradient = rows.gradient(loss, DataType.DOUBLE);
        double small = Math.exp(-20);
        assertArrayEquals(new double[] {-Math.exp(-19.9), -small, -small, -1.28}, value, 1e-20);
        assertTrue(gradient[0][0] != 0, "inside the bound");
        assertArrayEquals(new double[11], gradient[1], "beyond the bound");
        assertArrayEquals(new double[11], gradient[2], "far beyond the bound");
        double ratios = Math.exp(-19.9) + 2 * small + Math.exp(20);
        assertEquals(ratios / 4, loss.report().meanRatio(), 1e-15 * ratios, "mean ratio");
    }

    @Test
    void constantAddedToTheLogitsChangesNothing() {
        TokenRows rows = TokenRows.random(6, 20, 33);
        TokenRows shifted = rows.copy();
        for (int i = 0; i < rows.size(); i++) {
            for (int v = 0; v < 33; v++) {
                shifted.logits[i][v] += 50.3 * (i - 7);
            }
        }
        for (TokenLoss loss : new TokenLoss[] {SFT, new PsftLoss()}) {
            double[][] expected = rows.gradient(loss, DataType.DOUBLE);
            double[][] actual = shifted.gradient(loss, DataType.DOUBLE);
            for (int i = 0; i < expected.length; i++) {
                assertArrayEquals(expected[i], actual[i], 1e-12, "row " + i);
            }
            assertEquals(rows.score(loss, DataType.DOUBLE), shifted.score(loss, DataType.DOUBLE), 1e-12);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void permutedRowsHaveThePermutedGradient(DataType type) {
        double tolerance = type == DataType.FLOAT ? 1e-7 : 1e-14;
        TokenRows rows = TokenRows.random(7, 7, 50);
        int[] order = {4, 2, 6, 0, 5, 1, 3};
        PsftLoss loss = new PsftLoss();
        double[][] gradient = rows.gradient(loss, type);
        double[][] permuted = rows.select(order).gradient(loss, type);
        for (int i = 0; i < order.length; i++) {
            assertArrayEquals(gradient[order[i]], permuted[i], tolerance, "row " + order[i]);
        }
        assertEquals(rows.score(loss, type), rows.select(order).score(loss, type), tolerance);
    }

    @Test
    void everyGradientRowSumsToZero() {
        TokenRows rows = TokenRows.random(8, 60, 500);
        for (TokenLoss loss : new TokenLoss[] {
            new TokenLoss(new SftObjective(), Aggregation.SUM), new TokenLoss(new PsftObjective(), Aggregation.SUM)
        }) {
            for (double[] row : rows.gradient(loss, DataType.DOUBLE)) {
                assertEquals(0, Arrays.stream(row).sum(), 1e-14);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void extremeLogitsGiveFiniteExactLossesAndGradients(DataType type) {
        double[][] logits = {{1e4, -1e4, 0}, {1e4, -1e4, 0}, {-1e4, -1e4, -1e4}, {1e4, 1e4, -1e4}};
        TokenRows rows = new TokenRows(logits, new double[] {0, 1, 2, 0}, new double[4], new double[] {1, 1, 1, 1});
        TokenLoss sft = new TokenLoss(new SftObjective(), Aggregation.SUM);
        double tolerance = type == DataType.FLOAT ? 1e-6 : 1e-12;
        assertArrayEquals(new double[] {0, 2e4, Math.log(3), Math.log(2)}, rows.scoreArray(sft, type), tolerance);
        double[][] gradient = rows.gradient(sft, type);
        assertArrayEquals(new double[] {0, 0, 0}, gradient[0], tolerance);
        assertArrayEquals(new double[] {1, -1, 0}, gradient[1], tolerance);
        assertArrayEquals(new double[] {1. / 3, 1. / 3, -2. / 3}, gradient[2], tolerance);
        assertArrayEquals(new double[] {-0.5, 0.5, 0}, gradient[3], tolerance);
        assertEquals((Math.log(3) + Math.log(2)) / 4, sft.report().entropy(), tolerance, "entropy");

        PsftLoss psft = new PsftLoss(); // pi_old was certain of every target: log-prob 0
        assertArrayEquals(new double[] {-1, -Math.exp(-20), -1. / 3, -0.5}, rows.scoreArray(psft, type), tolerance);
        assertArrayEquals(new double[] {1. / 36, 1. / 36, -2. / 36}, rows.gradient(psft, type)[2], tolerance);
    }
}
