package io.github.psft4j.loss;

import static io.github.psft4j.loss.TokenRows.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Which rows count, by how much, and that the caller's arrays stay as they are. */
class MaskInvariantsTest {

    private static final double NAN = Double.NaN;

    private final PsftLoss loss = new PsftLoss(0.2, 0.28);

    /** Rows 0, 3 and 5 of six are trained. */
    private static TokenRows sixRows() {
        TokenRows rows = TokenRows.random(11, 6, 17);
        System.arraycopy(new double[] {1, 0, 0, 1, 0, 1}, 0, rows.mask, 0, 6);
        return rows;
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void maskedRowsAreExactlyZeroEverywhere(DataType type) {
        TokenRows rows = sixRows();
        double[] score = rows.scoreArray(loss, type);
        double[][] gradient = rows.gradient(loss, type);
        for (int i : new int[] {1, 2, 4}) {
            assertEquals(0, score[i], "score of row " + i);
            assertArrayEquals(new double[17], gradient[i], "gradient of row " + i);
            assertEquals(0, loss.logProbs()[i], "log-prob of row " + i);
            assertEquals(0, loss.entropies()[i], "entropy of row " + i);
        }
        for (int i : new int[] {0, 3, 5}) {
            assertNotEquals(0, score[i], "score of row " + i);
            assertNotEquals(0, loss.logProbs()[i], "log-prob of row " + i);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void maskedRowsCannotInfluenceAnything(DataType type) {
        TokenRows rows = sixRows();
        TokenRows garbage = rows.copy();
        Arrays.fill(garbage.logits[1], NAN);
        Arrays.fill(garbage.logits[2], 1e30);
        garbage.logits[4][3] = Double.POSITIVE_INFINITY;
        System.arraycopy(new double[] {-100, 1e9, 0.5}, 0, garbage.ids, 1, 2);
        garbage.ids[4] = NAN;
        garbage.old[1] = NAN;
        garbage.old[2] = Double.NEGATIVE_INFINITY;
        garbage.old[4] = 1e30;

        double[] score = rows.scoreArray(loss, type);
        double[][] gradient = rows.gradient(loss, type);
        LossReport report = loss.report();
        double[] logProbs = loss.logProbs();
        assertArrayEquals(score, garbage.scoreArray(loss, type));
        double[][] actual = garbage.gradient(loss, type);
        for (int i = 0; i < 6; i++) {
            assertArrayEquals(gradient[i], actual[i], "gradient of row " + i);
        }
        assertEquals(report, loss.report());
        assertArrayEquals(logProbs, loss.logProbs());
        assertEquals(report.value(), garbage.score(loss, type), "score");
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void paddingDoesNotChangeTheTokenMean(DataType type) {
        TokenRows rows = sixRows();
        TokenRows padded = rows.select(0, 1, 2, 3, 4, 5, 1, 1, 1, 1, 1);
        double[][] gradient = rows.gradient(loss, type);
        double[][] actual = padded.gradient(loss, type);
        for (int i = 0; i < padded.size(); i++) {
            assertArrayEquals(i < 6 ? gradient[i] : new double[17], actual[i], "gradient of row " + i);
        }
        assertEquals(rows.score(loss, type), padded.score(loss, type), "score");
    }

    @Test
    void absentMaskTrainsEveryRow() {
        TokenRows rows = sixRows();
        Arrays.fill(rows.mask, 1);
        INDArray labels = rows.labels(loss, DataType.DOUBLE);
        INDArray logits = rows.logits(DataType.DOUBLE);
        assertEquals(
                rows.score(loss, DataType.DOUBLE), loss.computeScore(labels, logits, TokenRows.SOFTMAX, null, false));
        assertEquals(6, loss.report().tokens());
        INDArray vector = Nd4j.ones(DataType.DOUBLE, 6); // [N] instead of [N, 1]
        assertArrayEquals(
                values(loss.computeGradient(labels, logits, TokenRows.SOFTMAX, null)),
                values(loss.computeGradient(labels, logits, TokenRows.SOFTMAX, vector)));
    }

    @Test
    void partsOfAWindowAddUpToTheWhole() {
        TokenRows rows = TokenRows.random(12, 23, 19);
        double score = rows.score(loss, DataType.DOUBLE);
        double[][] gradient = rows.gradient(loss, DataType.DOUBLE);
        TokenLoss part = loss.within(new Denominator(rows.trainedTokens(), 1));
        int[] cuts = {0, 1, 9, 23}; // parts of unequal numbers of trained tokens
        double sum = 0;
        for (int p = 0; p + 1 < cuts.length; p++) {
            TokenRows rowsOfPart = rows.range(cuts[p], cuts[p + 1]);
            sum += rowsOfPart.score(part, DataType.DOUBLE);
            double[][] gradientOfPart = rowsOfPart.gradient(part, DataType.DOUBLE);
            for (int i = 0; i < rowsOfPart.size(); i++) {
                assertArrayEquals(gradient[cuts[p] + i], gradientOfPart[i], 1e-12, "row " + i + " of part " + p);
            }
        }
        assertEquals(score, sum, 1e-12);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void batchWithoutTrainedTokensHasZeroLossAndGradient(DataType type) {
        TokenRows rows = sixRows();
        Arrays.fill(rows.mask, 0);
        Arrays.fill(rows.logits[2], NAN);
        assertEquals(0, rows.score(loss, type), "score");
        assertArrayEquals(new double[6], rows.scoreArray(loss, type));
        assertArrayEquals(new double[6][17], rows.gradient(loss, type));
        assertEquals(LossReport.EMPTY, loss.report());
        TokenLoss part = loss.within(new Denominator(0, 0)); // a window without any token
        assertEquals(0, rows.score(part, type), "score within an empty window");
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void argumentsAreNeverWrittenTo(DataType type) {
        TokenRows partial = sixRows();
        TokenRows full = sixRows();
        Arrays.fill(full.mask, 1);
        for (TokenRows rows : new TokenRows[] {partial, full}) {
            INDArray labels = rows.labels(loss, type);
            INDArray logits = rows.logits(type);
            INDArray mask = rows.mask(type);
            double[][] before = {values(labels), values(logits), values(mask)};
            loss.computeScore(labels, logits, TokenRows.SOFTMAX, mask, true);
            loss.computeScoreArray(labels, logits, TokenRows.SOFTMAX, mask);
            INDArray gradient = loss.computeGradient(labels, logits, TokenRows.SOFTMAX, mask);
            gradient.assign(9); // the caller owns it
            loss.computeGradientAndScore(labels, logits, TokenRows.SOFTMAX, mask, true)
                    .getSecond()
                    .assign(9);
            assertArrayEquals(before[0], values(labels), "labels");
            assertArrayEquals(before[1], values(logits), "logits");
            assertArrayEquals(before[2], values(mask), "mask");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void anyMemoryLayoutOfTheArgumentsGivesTheSameResult(DataType type) {
        TokenRows partial = sixRows();
        TokenRows full = sixRows();
        Arrays.fill(full.mask, 1);
        for (TokenRows rows : new TokenRows[] {partial, full}) {
            INDArray labels = rows.labels(loss, type);
            INDArray logits = rows.logits(type);
            INDArray mask = rows.mask(type);
            double[] expected = values(loss.computeGradient(labels, logits, TokenRows.SOFTMAX, mask));
            INDArray[][] layouts = {
                {labels.dup('f'), logits.dup('f'), mask.dup('f')},
                {inTheMiddle(labels), inTheMiddle(logits), inTheMiddle(mask)},
                {lastRows(labels), lastRows(logits), lastRows(mask)},
                {labels.transpose().dup().transpose(), logits.transpose().dup().transpose(), mask.reshape(1, 6)},
            };
            for (int i = 0; i < layouts.length; i++) {
                INDArray[] a = layouts[i];
                INDArray actual = loss.computeGradient(a[0], a[1], TokenRows.SOFTMAX, a[2]);
                assertArrayEquals(expected, values(actual), "layout " + i);
                assertArrayEquals(values(logits), values(a[1]), "logits of layout " + i);
            }
        }
    }

    /** A strided view: the array inside a larger one full of NaN. */
    private static INDArray inTheMiddle(INDArray array) {
        INDArray outer = Nd4j.valueArrayOf(new long[] {array.size(0) + 4, array.size(1) + 3}, NAN, array.dataType());
        INDArray view =
                outer.get(NDArrayIndex.interval(2, 2 + array.size(0)), NDArrayIndex.interval(1, 1 + array.size(1)));
        return view.assign(array);
    }

    /** A contiguous view with an offset. */
    private static INDArray lastRows(INDArray array) {
        INDArray outer = Nd4j.valueArrayOf(new long[] {array.size(0) + 3, array.size(1)}, NAN, array.dataType());
        return outer.get(NDArrayIndex.interval(3, 3 + array.size(0)), NDArrayIndex.all())
                .assign(array);
    }

    @Test
    void integerIdsAndBooleanMasksAreRead() {
        TokenLoss sft = new TokenLoss(new SftObjective());
        TokenRows rows = sixRows();
        INDArray ids = rows.labels(sft, DataType.DOUBLE).castTo(DataType.INT32);
        INDArray mask = rows.mask(DataType.DOUBLE).castTo(DataType.BOOL);
        INDArray logits = rows.logits(DataType.DOUBLE);
        assertEquals(rows.score(sft, DataType.DOUBLE), sft.computeScore(ids, logits, TokenRows.SOFTMAX, mask, false));
        assertEquals(
                3, IntStream.range(0, 6).filter(i -> sft.logProbs()[i] != 0).count());
    }
}
