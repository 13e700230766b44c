package io.github.psft4j.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Gradients against fourth-order central differences in double, on random batches of every ratio regime. */
class FiniteDifferenceTest {

    private static final int CASES = 1000;
    private static final double TOLERANCE = 1e-6;
    private static final double[] POINTS = {-2, -1, 1, 2};

    /** Where the ratio of a row lies. A kink of the loss is at the upper clip and at 20 nats. */
    private enum Regime {
        NEAR_ONE,
        SMALL,
        BELOW_THE_CLIP_EDGE,
        ABOVE_THE_CLIP_EDGE,
        LARGE,
        BEYOND_TWENTY_NATS
    }

    /** One random batch and the distance of its nearest row to a kink, in nats. */
    private record Case(TokenLoss loss, TokenRows rows, Regime[] regimes, double distance) {}

    /** For arrays of a few numbers: OpenMP's workers would spin after each of 100,000 operations. */
    @BeforeAll
    static void useOneThread() {
        Nd4j.getEnvironment().setMaxThreads(1);
        Nd4j.getEnvironment().setMaxMasterThreads(1);
    }

    @Test
    void gradientIsTheDerivativeOfTheLossInEveryRatioRegime() {
        Random random = new Random(20250817);
        Map<Regime, Integer> compared = new EnumMap<>(Regime.class);
        double worst = 0;
        for (int i = 0; i < CASES; i++) {
            Case c = randomCase(random);
            double[][] gradient = c.rows.gradient(c.loss, DataType.DOUBLE);
            worst = Math.max(worst, worstRowError(c, gradient, compared));
            worst = Math.max(worst, directionalError(c, gradient, random));
            assertTrue(worst < TOLERANCE, "case " + i + ", relative error " + worst + ": " + c.loss);
        }
        for (Regime regime : Regime.values()) {
            assertTrue(compared.getOrDefault(regime, 0) >= 200, "rows compared per regime: " + compared);
        }
    }

    private static Case randomCase(Random random) {
        int n = 1 + random.nextInt(5);
        int vocabulary = random.nextInt(20) == 0 ? 1 : 2 + random.nextInt(7);
        TokenRows rows = TokenRows.random(random.nextLong(), n, vocabulary);
        double sharpness = 0.1 + 1.2 * random.nextDouble();
        for (double[] row : rows.logits) {
            Arrays.setAll(row, v -> sharpness * row[v]);
        }
        if (random.nextInt(8) == 0) {
            return new Case(new TokenLoss(new SftObjective()), rows, new Regime[n], 1);
        }
        double epsHigh = 0.02 + random.nextDouble();
        double edge = Math.log(1 + epsHigh);
        double distance = 1;
        Regime[] regimes = new Regime[n];
        for (int i = 0; i < n; i++) {
            regimes[i] = Regime.values()[random.nextInt(Regime.values().length)];
            double beside = Math.pow(10, -4 + 2 * random.nextDouble());
            double logRatio = switch (regimes[i]) {
                case NEAR_ONE -> 0.02 * random.nextDouble() - 0.02;
                case SMALL -> -19 * random.nextDouble();
                case BELOW_THE_CLIP_EDGE -> edge - beside;
                case ABOVE_THE_CLIP_EDGE -> edge + beside;
                case LARGE -> edge + 0.1 + 15 * random.nextDouble();
                case BEYOND_TWENTY_NATS -> (random.nextBoolean() ? 1 : -1) * (20.01 + 40 * random.nextDouble());
            };
            rows.old[i] = ScalarLoss.logProb(rows.logits[i], rows.id(i)) - logRatio;
            distance = Math.min(distance, Math.min(Math.abs(logRatio - edge), Math.abs(Math.abs(logRatio) - 20)));
        }
        return new Case(new PsftLoss(random.nextDouble(), epsHigh), rows, regimes, distance);
    }

    /** Every logit by itself, all of them in one evaluation: row losses do not depend on other rows. */
    private static double worstRowError(Case c, double[][] gradient, Map<Regime, Integer> compared) {
        TokenRows rows = c.rows;
        int n = rows.size();
        int vocabulary = rows.logits[0].length;
        TokenRows moved = rows.select(
                IntStream.range(0, 4 * vocabulary * n).map(i -> i % n).toArray());
        for (int v = 0; v < vocabulary; v++) {
            for (int k = 0; k < 4; k++) {
                for (int i = 0; i < n; i++) {
                    moved.logits[(4 * v + k) * n + i][v] += step(c) * POINTS[k];
                }
            }
        }
        double[] f = moved.scoreArray(c.loss, DataType.DOUBLE); // [V, 4, N]
        double worst = 0;
        for (int i = 0; i < n; i++) {
            double size = 0;
            double error = 0;
            for (int v = 0; v < vocabulary; v++) {
                int at = 4 * v * n + i;
                double numeric = difference(f[at], f[at + n], f[at + 2 * n], f[at + 3 * n], step(c));
                double analytic = rows.trainedTokens() * gradient[i][v]; // undoes the mean over tokens
                size = Math.max(size, Math.max(Math.abs(analytic), Math.abs(numeric)));
                error = Math.max(error, Math.abs(analytic - numeric));
            }
            if (!rows.trained(i)) {
                assertEquals(0, size, "masked row " + i);
            } else if (c.regimes[i] != null) {
                compared.merge(c.regimes[i], 1, Integer::sum);
            }
            worst = Math.max(worst, size == 0 ? 0 : error / size);
        }
        return worst;
    }

    /** The aggregated score along one random direction in all logits. */
    private static double directionalError(Case c, double[][] gradient, Random random) {
        TokenRows rows = c.rows;
        double[][] direction = new double[rows.size()][rows.logits[0].length];
        double analytic = 0;
        double size = 0;
        for (int i = 0; i < rows.size(); i++) {
            for (int v = 0; v < direction[i].length; v++) {
                direction[i][v] = 2 * random.nextDouble() - 1;
                analytic += gradient[i][v] * direction[i][v];
                size += Math.abs(gradient[i][v] * direction[i][v]);
            }
        }
        double[] f = new double[4];
        for (int k = 0; k < 4; k++) {
            TokenRows moved = rows.copy();
            for (int i = 0; i < rows.size(); i++) {
                for (int v = 0; v < direction[i].length; v++) {
                    moved.logits[i][v] += step(c) * POINTS[k] * direction[i][v];
                }
            }
            f[k] = moved.score(c.loss, DataType.DOUBLE);
        }
        double numeric = difference(f[0], f[1], f[2], f[3], step(c));
        // Clipped rows carry no gradient but a value of about 1, whose rounding the difference keeps.
        return Math.abs(analytic - numeric) / Math.max(size, 1e-3);
    }

    /** Derivative of f known at {@link #POINTS}; exactly 0 for a constant. */
    private static double difference(double f0, double f1, double f2, double f3, double step) {
        return ((f0 - f3) + 8 * (f2 - f1)) / (12 * step);
    }

    /** So small that no row crosses a kink: a logit moves a log-prob by at most as much, a direction twice that. */
    private static double step(Case c) {
        return Math.min(1e-3, c.distance / 6);
    }

    @Test
    void lossAndGradientMatchThePlainJavaFormulaOnRandomBatches() {
        Random random = new Random(7);
        for (int i = 0; i < 300; i++) {
            Case c = randomCase(random);
            TokenRows rows = c.rows;
            double[] loss = rows.scoreArray(c.loss, DataType.DOUBLE);
            double[][] gradient = rows.gradient(c.loss, DataType.DOUBLE);
            double mean = 0;
            for (int r = 0; r < rows.size(); r++) {
                double[] z = rows.logits[r];
                double expected = -ScalarLoss.logProb(z, rows.id(r));
                double coefficient = 1;
                if (c.loss.objective() instanceof PsftObjective psft) {
                    expected = ScalarLoss.psft(z, rows.id(r), rows.old[r], psft.epsLow(), psft.epsHigh());
                    coefficient = ScalarLoss.psftCoefficient(z, rows.id(r), rows.old[r], psft.epsHigh());
                }
                expected *= rows.mask[r];
                coefficient *= rows.mask[r] / rows.trainedTokens();
                mean += expected / rows.trainedTokens();
                assertEquals(expected, loss[r], 1e-12, "loss of row " + r);
                double[] expectedGradient = ScalarLoss.gradient(z, rows.id(r), coefficient);
                for (int v = 0; v < z.length; v++) {
                    assertEquals(expectedGradient[v], gradient[r][v], 1e-12, "gradient of row " + r + " at " + v);
                }
            }
            INDArray labels = rows.labels(c.loss, DataType.DOUBLE);
            INDArray mask = rows.mask(DataType.DOUBLE);
            assertEquals(
                    mean,
                    c.loss.computeScore(labels, rows.logits(DataType.DOUBLE), TokenRows.SOFTMAX, mask, true),
                    1e-12,
                    "score");
        }
    }
}
