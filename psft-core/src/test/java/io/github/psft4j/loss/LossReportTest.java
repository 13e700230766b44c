package io.github.psft4j.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;

/** The measured means against plain Java loops. */
class LossReportTest {

    private static LossReport plain(TokenRows rows, double epsLow, double epsHigh) {
        double[] sum = new double[7];
        int n = rows.trainedTokens();
        for (int i = 0; i < rows.size(); i++) {
            if (!rows.trained(i)) {
                continue;
            }
            double[] z = rows.logits[i];
            int y = rows.id(i);
            double ratio = ScalarLoss.ratio(z, y, rows.old[i]);
            boolean current = rows.old[i] == Double.POSITIVE_INFINITY;
            sum[0] += ScalarLoss.psft(z, y, rows.old[i], epsLow, epsHigh) / n;
            sum[1] -= ScalarLoss.logProb(z, y) / n;
            sum[2] += ScalarLoss.entropy(z) / n;
            sum[3] += ratio / n;
            sum[4] += ratio > 1 + epsHigh ? 1.0 / n : 0;
            sum[5] += current ? 0 : (rows.old[i] - ScalarLoss.logProb(z, y)) / n;
            sum[6] += ScalarLoss.psftCoefficient(z, y, rows.old[i], epsHigh) / n;
        }
        return new LossReport(sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], n);
    }

    private static void assertClose(LossReport expected, LossReport actual, double tolerance) {
        assertEquals(expected.value(), actual.value(), tolerance, "value");
        assertEquals(expected.nll(), actual.nll(), tolerance, "nll");
        assertEquals(expected.entropy(), actual.entropy(), tolerance, "entropy");
        assertEquals(expected.meanRatio(), actual.meanRatio(), tolerance, "mean ratio");
        assertEquals(expected.clipFraction(), actual.clipFraction(), tolerance, "clip fraction");
        assertEquals(expected.approxKl(), actual.approxKl(), tolerance, "approximate KL");
        assertEquals(expected.meanCoefficient(), actual.meanCoefficient(), tolerance, "mean coefficient");
        assertEquals(expected.tokens(), actual.tokens(), "tokens");
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void everyFieldMatchesPlainJava(DataType type) {
        TokenRows rows = TokenRows.random(31, 50, 29);
        rows.old[0] = Column.CURRENT;
        rows.old[1] += 30; // beyond 20 nats: the KL is the true one, the ratio the bounded one
        rows.mask[1] = 1;
        PsftLoss loss = new PsftLoss(0.1, 0.3);
        rows.score(loss, type);
        LossReport expected = plain(rows, 0.1, 0.3);
        double clipped = expected.clipFraction() * expected.tokens();
        assertTrue(clipped > 3 && clipped < expected.tokens() - 3, "some rows clipped, some not: " + clipped);
        assertClose(expected, loss.report(), type == DataType.FLOAT ? 2e-6 : 1e-12);
    }

    @Test
    void sftHasRatioAndCoefficientOneAndNoKl() {
        TokenRows rows = TokenRows.random(32, 20, 29);
        TokenLoss loss = new TokenLoss(new SftObjective());
        double score = rows.score(loss, DataType.DOUBLE);
        LossReport report = loss.report();
        assertEquals(score, report.value());
        LossReport psft = plain(rows, 0.2, 0.28);
        assertClose(
                new LossReport(psft.nll(), psft.nll(), psft.entropy(), 1, 0, 0, 1, rows.trainedTokens()),
                report,
                1e-12);
    }

    @Test
    void sumOfThePartsIsTheReportOfTheJoinedBatch() {
        TokenRows rows = TokenRows.random(33, 40, 29);
        PsftLoss whole = new PsftLoss();
        rows.score(whole, DataType.DOUBLE);
        TokenLoss part = whole.within(new Denominator(rows.trainedTokens(), 1));
        LossReport sum = LossReport.EMPTY;
        int[] cuts = {0, 3, 4, 25, 40};
        for (int p = 0; p + 1 < cuts.length; p++) {
            rows.range(cuts[p], cuts[p + 1]).score(part, DataType.DOUBLE);
            sum = sum.plus(part.report());
        }
        assertClose(whole.report(), sum, 1e-12);
    }

    @Test
    void emptyReportIsNeutral() {
        LossReport report = new LossReport(-1, 2, 3, 0.9, 0.25, 0.01, 0.8, 7);
        assertEquals(report, LossReport.EMPTY.plus(report));
        assertEquals(report, report.plus(LossReport.EMPTY));
    }

    @Test
    void logProbsAndEntropiesAreThoseOfTheLastEvaluation() {
        PsftLoss loss = new PsftLoss();
        assertEquals(LossReport.EMPTY, loss.report());
        assertEquals(0, loss.logProbs().length + loss.entropies().length);
        TokenRows rows = TokenRows.random(34, 9, 29);
        rows.score(loss, DataType.DOUBLE);
        for (int i = 0; i < rows.size(); i++) {
            double logProb = rows.trained(i) ? ScalarLoss.logProb(rows.logits[i], rows.id(i)) : 0;
            assertEquals(logProb, loss.logProbs()[i], 1e-12, "log-prob of row " + i);
            double entropy = rows.trained(i) ? ScalarLoss.entropy(rows.logits[i]) : 0;
            assertEquals(entropy, loss.entropies()[i], 1e-12, "entropy of row " + i);
        }
    }
}
