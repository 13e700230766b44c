package io.github.psft4j.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.choose.TensorOpsFactory;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Sequence batches {@code [B, C, T]}: which row a token is, how tokens are weighed, and the order of label columns. */
class AggregationTest {

    private static final int V = 13;

    /** Four sequences of six tokens with 3, 1, 0 and 5 trained ones. */
    private static final double[][] MASK = {
        {0, 1, 1, 0, 1, 0}, {0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 0}, {1, 1, 1, 1, 1, 0}
    };

    private final double[][][] logits = new double[4][6][V]; // [B, T, V]
    private final double[][] ids = new double[4][6];

    AggregationTest() {
        Random random = new Random(21);
        for (int b = 0; b < 4; b++) {
            for (int t = 0; t < 6; t++) {
                Arrays.setAll(logits[b][t], v -> random.nextGaussian());
                ids[b][t] = MASK[b][t] == 1 ? random.nextInt(V) : -100;
            }
        }
    }

    /** Cross-entropy with a loss of advantage times NLL; shows the columns it was given. */
    private record Weighted() implements TokenObjective {
        @Override
        public String name() {
            return "weighted";
        }

        @Override
        public Set<Column> columns() {
            return EnumSet.of(Column.WEIGHT, Column.ADVANTAGE, Column.OLD_LOG_PROB);
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            for (int t = from; t < to; t++) {
                double advantage = tokens.column(Column.ADVANTAGE, t);
                out.set(t, -advantage * tokens.logProb(t), advantage);
                out.setRatio(t, Math.exp(tokens.logRatio(t, 20)), false);
            }
        }
    }

    private TokenBatch tokens(TokenObjective objective, int from, int to, double[]... columns) {
        INDArray labels =
                Nd4j.createFromArray(Arrays.copyOfRange(ids, from, to)).reshape(to - from, 1, 6);
        for (double[] column : columns) {
            labels = Nd4j.concat(1, labels, Nd4j.createFromArray(column).reshape(to - from, 1, 6));
        }
        INDArray mask = Nd4j.createFromArray(Arrays.copyOfRange(MASK, from, to));
        TokenBatch tokens = LabelReader.sequences(labels, mask, objective, V);
        double[][] rows = new double[tokens.size()][];
        for (int t = 0; t < rows.length; t++) {
            rows[t] = logits[from + tokens.rows()[t] / 6][tokens.rows()[t] % 6];
        }
        if (rows.length > 0) {
            TensorOpsFactory.forType(DataType.DOUBLE)
                    .softmax()
                    .forward(Nd4j.createFromArray(rows), tokens.targets(), 0, tokens.statistics());
        }
        return tokens;
    }

    private double nll(int b, int t) {
        return -ScalarLoss.logProb(logits[b][t], (int) ids[b][t]);
    }

    private double expected(Aggregation aggregation) {
        double[] sums = new double[4];
        for (int b = 0; b < 4; b++) {
            for (int t = 0; t < 6; t++) {
                sums[b] += MASK[b][t] == 1 ? nll(b, t) : 0;
            }
        }
        return switch (aggregation) {
            case TOKEN_MEAN -> (sums[0] + sums[1] + sums[3]) / 9;
            case SEQUENCE_MEAN_TOKEN_MEAN -> (sums[0] / 3 + sums[1] / 1 + sums[3] / 5) / 3;
            case SEQUENCE_MEAN_TOKEN_SUM -> (sums[0] + sums[1] + sums[3]) / 3;
            case PAIR_MEAN -> 2 * (sums[0] + sums[1] + sums[3]) / 3;
            case SUM -> sums[0] + sums[1] + sums[3];
        };
    }

    private static LossSweep swept(Aggregation aggregation, Denominator window, TokenBatch tokens) {
        LossSweep sweep = new LossSweep(new SftObjective(), aggregation, window, tokens);
        sweep.accept(0, tokens.size());
        return sweep;
    }

    @ParameterizedTest
    @EnumSource
    void valueAndGradientScaleFollowTheFormula(Aggregation aggregation) {
        TokenBatch tokens = tokens(new SftObjective(), 0, 4);
        LossSweep sweep = swept(aggregation, null, tokens);
        assertEquals(expected(aggregation), sweep.report().value(), 1e-12);
        double fromScales = 0;
        for (int t = 0; t < tokens.size(); t++) {
            fromScales += sweep.scale()[t] * sweep.loss(t); // coefficient 1: the scale is the weight
        }
        assertEquals(expected(aggregation), fromScales, 1e-12);
    }

    @ParameterizedTest
    @EnumSource
    void partsOfAWindowAddUpToTheWholeForSequencesToo(Aggregation aggregation) {
        Denominator window = new Denominator(9, 3);
        TokenBatch all = tokens(new SftObjective(), 0, 4);
        assertEquals(window, Denominator.of(all));
        double[] whole = swept(aggregation, null, all).scale();
        double value = 0;
        double[] scales = {};
        for (int[] part : new int[][] {{0, 1}, {1, 3}, {3, 4}}) {
            LossSweep sweep = swept(aggregation, window, tokens(new SftObjective(), part[0], part[1]));
            value += sweep.report().value();
            int at = scales.length;
            scales = Arrays.copyOf(scales, at + sweep.scale().length);
            System.arraycopy(sweep.scale(), 0, scales, at, sweep.scale().length);
        }
        assertEquals(expected(aggregation), value, 1e-12);
        assertArrayEquals(whole, scales, 1e-12);
    }

    @Test
    void chunksOfTokensGiveTheResultOfOneSweep() {
        TokenBatch tokens = tokens(new SftObjective(), 0, 4);
        LossSweep whole = swept(Aggregation.SEQUENCE_MEAN_TOKEN_MEAN, null, tokens);
        LossSweep chunked = new LossSweep(new SftObjective(), Aggregation.SEQUENCE_MEAN_TOKEN_MEAN, null, tokens);
        chunked.accept(0, 2);
        chunked.accept(2, 7);
        chunked.accept(7, 9);
        assertArrayEquals(whole.scale(), chunked.scale());
        assertEquals(whole.report(), chunked.report());
    }

    @Test
    void rowsAreInSequenceMajorOrderAndMaskedOnesAbsent() {
        TokenBatch tokens = tokens(new SftObjective(), 0, 4);
        assertArrayEquals(new int[] {1, 2, 4, 11, 18, 19, 20, 21, 22}, tokens.rows());
        assertEquals(24, tokens.totalRows());
        assertEquals(4, tokens.sequences());
        for (int t = 0; t < 9; t++) {
            int row = tokens.rows()[t];
            assertEquals(row / 6, tokens.sequence(t));
            assertEquals((int) ids[row / 6][row % 6], tokens.targets()[t]);
        }
    }

    @Test
    void columnsStandInTheOrderOfTheirEnumerationAndTheWeightScalesLossAndGradient() {
        double[] old = new double[24];
        double[] advantage = new double[24];
        double[] weight = new double[24];
        Arrays.setAll(old, i -> -1 - 0.1 * i);
        Arrays.setAll(advantage, i -> i - 12);
        Arrays.setAll(weight, i -> 0.5 * i);
        TokenObjective objective = new Weighted();
        TokenBatch tokens = tokens(objective, 0, 4, old, advantage, weight);
        LossSweep sweep = new LossSweep(objective, Aggregation.SUM, null, tokens);
        sweep.accept(0, tokens.size());
        double value = 0;
        double ratio = 0;
        double coefficient = 0;
        for (int t = 0; t < tokens.size(); t++) {
            int row = tokens.rows()[t];
            double nll = nll(row / 6, row % 6);
            assertEquals(weight[row] * advantage[row] * nll, sweep.loss(t), 1e-12, "loss at row " + row);
            assertEquals(weight[row] * advantage[row], sweep.scale()[t], 1e-12, "scale at row " + row);
            value += weight[row] * advantage[row] * nll;
            ratio += Math.exp(-nll - old[row]) / 9;
            coefficient += advantage[row] / 9;
        }
        assertEquals(value, sweep.report().value(), 1e-11);
        assertEquals(ratio, sweep.report().meanRatio(), 1e-12);
        assertEquals(coefficient, sweep.report().meanCoefficient(), 1e-12);
        assertEquals(2, Column.ADVANTAGE.channel(objective.columns()));
        assertTrue(tokens.has(Column.WEIGHT) && !tokens.has(Column.REF_LOG_PROB));
    }
}
