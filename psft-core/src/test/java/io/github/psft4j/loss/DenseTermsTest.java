package io.github.psft4j.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Objectives with a gradient of any shape: every part of {@link TokenTerms} is the derivative of a loss. */
class DenseTermsTest {

    private static final int V = 7;
    private static final int TOP = 3;
    private static final double[] TOP_FACTORS = {0.6, -0.4, 0.9};
    private static final int[] TARGETS = {2, 0, 6, 3};
    private static final int[] ROWS = {1, 2, 4, 5};
    private static final double[] WEIGHTS = {0.5, 2, 1, 0.25};

    private final TensorOps ops = TensorOpsFactory.forType(DataType.DOUBLE);
    private final double[][] logits = random(4, 1);
    private final double[][] reference = random(6, 2); // of all rows of the mini-batch

    /**
     * With H the entropy and T the reference's likeliest tokens: {@code -log p_y - 2 H + 3 KL(p || q) + 5 KL(q || p) -
     * 6 sum(log p) / V + sum over T of f_j log p_j}.
     */
    private record EveryTerm() implements TokenObjective {
        @Override
        public String name() {
            return "every";
        }

        @Override
        public RowNeeds needs() {
            return RowNeeds.referenceTopK(TOP);
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            for (int t = from; t < to; t++) {
                double loss = -tokens.logProb(t)
                        - 2 * tokens.entropy(t)
                        + 3 * tokens.dense().reverseKl()[t]
                        + 5 * tokens.dense().forwardKl()[t]
                        - 6 * tokens.dense().meanLogProb()[t];
                double factors = 0;
                for (int j = 0; j < TOP; j++) {
                    loss += TOP_FACTORS[j] * tokens.referenceTop().logProb(t, j);
                    out.addReferenceTop(t, j, TOP_FACTORS[j]);
                    factors += TOP_FACTORS[j];
                }
                out.set(t, loss, 1);
                out.addSoftmaxLog(t, 2 + 3);
                out.addSoftmax(t, 2 * tokens.entropy(t) - 3 * (tokens.dense().reverseKl()[t]) + 5 + 6 - factors);
                out.addSoftmaxLogReference(t, -3);
                out.addReference(t, -5);
                out.addUniform(t, -6.0 / V);
            }
        }
    }

    private static double[][] random(int rows, long seed) {
        Random random = new Random(seed);
        double[][] out = new double[rows][V];
        for (double[] row : out) {
            Arrays.setAll(row, v -> random.nextGaussian());
        }
        return out;
    }

    private TokenBatch tokens(TokenObjective objective) {
        return new TokenBatch(
                TARGETS, ROWS, 6, new int[] {0, 0, 1, 1}, 2, Map.of(Column.WEIGHT, WEIGHTS), objective.needs(), V);
    }

    private INDArray referenceRows(int[] rows) {
        return Nd4j.createFromArray(
                IntStream.of(rows).mapToObj(r -> reference[r]).toArray(double[][]::new));
    }

    /** Value, and the gradient {@code [4, V]}, in chunks of one and three tokens. */
    private double[][] evaluate(TokenObjective objective, double[][] z, double[] value) {
        TokenBatch tokens = tokens(objective);
        LossSweep sweep = new LossSweep(objective, Aggregation.TOKEN_MEAN, null, tokens, this::referenceRows);
        double[][] gradient = new double[4][];
        for (int[] chunk : new int[][] {{0, 1}, {1, 4}}) {
            INDArray part = Nd4j.createFromArray(Arrays.copyOfRange(z, chunk[0], chunk[1]));
            sweep.read(ops, part, chunk[0]);
            sweep.accept(chunk[0], chunk[1]);
            sweep.gradient(ops, part, chunk[0]);
            for (int t = chunk[0]; t < chunk[1]; t++) {
                gradient[t] = part.toDoubleMatrix()[t - chunk[0]];
            }
        }
        value[0] = sweep.report().value();
        return gradient;
    }

    private void assertIsDerivative(TokenObjective objective) {
        double[] value = new double[1];
        double[][] gradient = evaluate(objective, logits, value);
        double h = 1e-4;
        for (int t = 0; t < 4; t++) {
            for (int v = 0; v < V; v++) {
                double at = logits[t][v];
                double[] f = new double[2];
                for (int side = 0; side < 2; side++) {
                    logits[t][v] = at + (side == 0 ? h : -h);
                    evaluate(objective, logits, value);
                    f[side] = value[0];
                }
                logits[t][v] = at;
                assertEquals((f[0] - f[1]) / (2 * h), gradient[t][v], 1e-7, "token " + t + ", logit " + v);
            }
        }
    }

    @Test
    void everyPartOfADenseGradientIsTheDerivativeOfTheWeightedLoss() {
        assertIsDerivative(new EveryTerm());
    }

    @Test
    void factorsOfASumReachEveryPartOfTheGradient() {
        assertIsDerivative(new EveryTerm().plus(-0.5, new EveryTerm().plus(0.3, new SftObjective())));
    }

    @Test
    void theReferencesLikeliestTokensComeWithBothLogProbs() {
        TokenObjective objective = new EveryTerm();
        TokenBatch tokens = tokens(objective);
        LossSweep sweep = new LossSweep(objective, Aggregation.SUM, null, tokens, this::referenceRows);
        sweep.read(ops, Nd4j.createFromArray(logits), 0);
        for (int t = 0; t < 4; t++) {
            double[] q = reference[ROWS[t]];
            int[] likeliest = IntStream.range(0, V)
                    .boxed()
                    .sorted((a, b) -> Double.compare(q[b], q[a]))
                    .mapToInt(i -> i)
                    .toArray();
            for (int j = 0; j < TOP; j++) {
                assertEquals(
                        ScalarLoss.logProb(q, likeliest[j]),
                        tokens.referenceTop().refLogProb(t, j),
                        1e-12);
                assertEquals(
                        ScalarLoss.logProb(logits[t], likeliest[j]),
                        tokens.referenceTop().logProb(t, j),
                        1e-12);
            }
            assertEquals(ScalarLoss.logProb(q, TARGETS[t]), tokens.dense().refLogProb()[t], 1e-12);
        }
        assertEquals(2, tokens.referenceTop().effective(2));
        assertEquals(TOP, tokens.referenceTop().effective(V));
    }

    /** Mass and entropy of the policy's k largest logits, k up to the vocabulary, rows up to 3,000 away from 0. */
    @Test
    void topTokensAreADistributionOfTheirOwn() {
        for (int t = 0; t < 4; t++) {
            for (int v = 0; v < V; v++) {
                logits[t][v] += 1000 * t;
            }
        }
        for (int k : new int[] {1, 3, V, V + 5}) {
            TokenBatch tokens =
                    new TokenBatch(TARGETS, ROWS, 6, new int[] {0, 0, 1, 1}, 2, Map.of(), RowNeeds.topK(k), V);
            LossSweep sweep = new LossSweep(
                    new Asking(RowNeeds.topK(k)), Aggregation.SUM, null, tokens); // any objective that asks for them
            sweep.read(ops, Nd4j.createFromArray(logits), 0);
            for (int t = 0; t < 4; t++) {
                double[] z = logits[t];
                double[] p = IntStream.range(0, V)
                        .mapToDouble(v -> Math.exp(ScalarLoss.logProb(z, v)))
                        .map(x -> -x)
                        .sorted()
                        .map(x -> -x)
                        .limit(k)
                        .toArray();
                double mass = Arrays.stream(p).sum();
                double entropy = -Arrays.stream(p)
                        .map(x -> x / mass * Math.log(x / mass))
                        .sum();
                assertEquals(mass, tokens.top().mass(t, k), 1e-10, "mass of " + k);
                assertEquals(entropy, tokens.top().entropy(t, k), 1e-10, "entropy of " + k);
                assertEquals(p[0], tokens.top().mass(t, 1), 1e-10);
                assertEquals(0, tokens.top().entropy(t, 1), 1e-10);
            }
        }
    }

    /** Cross-entropy that asks for more than it uses. */
    private record Asking(RowNeeds needs) implements TokenObjective {
        @Override
        public String name() {
            return "asking";
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            new SftObjective().evaluate(tokens, out, from, to);
        }
    }

    /** The Deeplearning4j form gives the gradient of the sweep, and keeps what the objective said of every token. */
    @Test
    void aLossOfAStockLayerTakesTheReferenceAndKeepsItsTrace() {
        TokenObjective objective = new EveryTerm();
        double[][] sixRows = random(6, 3);
        TokenLoss loss = new TokenLoss(objective, Aggregation.SUM)
                .withReference(this::referenceRows); // rows 0 .. 5, all trained
        INDArray ids = Nd4j.createFromArray(new double[] {1, 2, 3, 4, 5, 6}).reshape(6, 1);
        assertNull(loss.trace());
        double[][] gradient = loss.computeGradient(ids, Nd4j.createFromArray(sixRows), TokenRows.SOFTMAX, null)
                .toDoubleMatrix();

        int[] all = {0, 1, 2, 3, 4, 5};
        TokenBatch tokens =
                new TokenBatch(new int[] {1, 2, 3, 4, 5, 6}, all, 6, new int[6], 1, Map.of(), objective.needs(), V);
        LossSweep sweep = new LossSweep(objective, Aggregation.SUM, null, tokens, this::referenceRows);
        INDArray expected = Nd4j.createFromArray(sixRows);
        sweep.read(ops, expected, 0);
        sweep.accept(0, 6);
        sweep.gradient(ops, expected, 0);
        for (int t = 0; t < 6; t++) {
            assertArrayEquals(expected.toDoubleMatrix()[t], gradient[t], 1e-12);
            assertEquals(sweep.loss(t), loss.trace().terms().loss(t), 1e-12);
            assertEquals(tokens.logSumExp(t), loss.trace().tokens().logSumExp(t), 1e-12);
            assertEquals(sixRows[t][t + 1] - ScalarLoss.logProb(sixRows[t], t + 1), tokens.logSumExp(t), 1e-12);
        }
        assertEquals(V, loss.trace().tokens().vocabulary());
    }

    @Test
    void aReferenceIsNeededAndMustFit() {
        TokenBatch tokens = tokens(new EveryTerm());
        String none = assertThrows(
                        IllegalArgumentException.class,
                        () -> new LossSweep(new EveryTerm(), Aggregation.SUM, null, tokens))
                .getMessage();
        assertTrue(none.contains("reference(CausalLm)"), none);
        for (INDArray bad : new INDArray[] {
            Nd4j.zeros(DataType.DOUBLE, 4, V + 1), Nd4j.zeros(DataType.FLOAT, 4, V), Nd4j.zeros(DataType.DOUBLE, 3, V)
        }) {
            LossSweep sweep = new LossSweep(new EveryTerm(), Aggregation.SUM, null, tokens, rows -> bad);
            String message = assertThrows(
                            IllegalArgumentException.class, () -> sweep.read(ops, Nd4j.createFromArray(logits), 0))
                    .getMessage();
            assertTrue(message.contains(Arrays.toString(bad.shape())), message);
        }
    }

    @Test
    void whatWasNotAskedForIsRefusedWithTheNeedToDeclare() {
        TokenBatch scalar = new TokenBatch(TARGETS, ROWS, 6, new int[4], 1, Map.of());
        assertNeeds("RowNeeds.DENSE", scalar::dense);
        assertNeeds("RowNeeds.topK(k)", scalar::top);
        assertNeeds("RowNeeds.referenceTopK(k)", scalar::referenceTop);
        assertNeeds("RowNeeds.DENSE", () -> new TokenTerms(4).addUniform(0, 1));
        double[] refLogProbs = {-1, -2, -3, -4};
        TokenBatch referred = new TokenBatch(TARGETS, ROWS, 6, new int[4], 1, Map.of(Column.REF_LOG_PROB, refLogProbs));
        referred.statistics().logProb()[2] = -1.25;
        assertEquals(1.75, referred.refLogRatio(2));
        assertArrayEquals(new int[] {2, 2}, tokens(new EveryTerm()).sequenceLengths());
        assertArrayEquals(new double[] {3, 7}, tokens(new EveryTerm()).sequenceSums(t -> t + 1));
    }

    private static void assertNeeds(String need, Runnable use) {
        String message = assertThrows(IllegalStateException.class, use::run).getMessage();
        assertTrue(message.contains(need), message);
    }

    /** Every dense part by itself makes a token not finite. */
    @Test
    void aPartThatIsNotFiniteStopsTheStep() {
        for (int part = 0; part < 6; part++) {
            int broken = part;
            TokenObjective objective = new TokenObjective() {
                private static final long serialVersionUID = 1L;

                @Override
                public String name() {
                    return "broken " + broken;
                }

                @Override
                public RowNeeds needs() {
                    return RowNeeds.referenceTopK(TOP);
                }

                @Override
                public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
                    switch (broken) {
                        case 0 -> out.addSoftmax(2, Double.NaN);
                        case 1 -> out.addSoftmaxLog(2, Double.NaN);
                        case 2 -> out.addReference(2, Double.NaN);
                        case 3 -> out.addSoftmaxLogReference(2, Double.NaN);
                        case 4 -> out.addUniform(2, Double.NaN);
                        default -> out.addReferenceTop(2, TOP - 1, Double.NaN);
                    }
                }
            };
            LossSweep sweep = new LossSweep(objective, Aggregation.SUM, null, tokens(objective), this::referenceRows);
            sweep.read(ops, Nd4j.createFromArray(logits), 0);
            String message = assertThrows(NonFiniteLossException.class, () -> sweep.accept(0, 4))
                    .getMessage();
            assertTrue(message.contains("broken " + broken) && message.contains("row " + ROWS[2]), message);
        }
    }
}
