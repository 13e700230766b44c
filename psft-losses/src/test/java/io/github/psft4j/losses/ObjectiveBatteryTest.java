package io.github.psft4j.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.losses.regularizer.EntropyBonus;
import io.github.psft4j.losses.regularizer.ForwardKl;
import io.github.psft4j.losses.regularizer.KlEstimator;
import io.github.psft4j.losses.regularizer.ReverseKl;
import io.github.psft4j.losses.sft.SftKlObjective;
import io.github.psft4j.settings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * What every objective of the registry must satisfy, with its default parameters, and some with others. A new objective
 * is in it as soon as its provider lists it.
 */
class ObjectiveBatteryTest {

    private static final int SHAPES = 5;
    private static final int CASES_PER_SHAPE = 100; // 500 cases
    private static final int SEQUENCES = 4; // of a case
    private static final int REPETITIONS = 5;
    private static final double[] POINTS = {-2, -1, 1, 2};

    /** Losses whose weights are constants of the backward pass: their gradient is not the derivative of their value. */
    private static final Set<String> DETACHED =
            Set.of("dft", "asft", "iw-sft-sequence", "iw-sft-step", "eaft", "trsft", "chord-phi", "cadft", "cispo");

    /** The value changes with a constant added to the logits, so the row does not sum to 0. */
    private static final Set<String> NOT_SHIFT_INVARIANT = Set.of("z-loss");

    /** For arrays of a few numbers OpenMP's workers would spin after each of many operations. */
    @BeforeAll
    static void useOneThread() {
        Nd4j.getEnvironment().setMaxThreads(1);
        Nd4j.getEnvironment().setMaxMasterThreads(1);
    }

    static Stream<TokenObjective> objectives() {
        return Stream.concat(
                ObjectiveRegistry.names().stream().map(name -> ObjectiveRegistry.create(name, Map.of())),
                Stream.of(
                        new ForwardKl(3),
                        new ReverseKl(3),
                        new EntropyBonus(1.2),
                        new KlEstimator(KlEstimator.Kind.K1),
                        new KlEstimator(KlEstimator.Kind.K2),
                        new SftKlObjective(SftKlObjective.Divergence.REVERSE, 0.3),
                        ObjectiveRegistry.create("ppo-clip", Map.of("dualClip", 3)),
                        ObjectiveRegistry.create("profit", Map.of("direction", "lower")),
                        ObjectiveRegistry.create("dpo", Map.of("variant", "ipo")),
                        ObjectiveRegistry.create("dpo", Map.of("labelSmoothing", 0.2)),
                        new PsftObjective().plus(0.3, new ReverseKl(2)).plus(0.1, new EntropyBonus())));
    }

    /** Cases of four sequences, every sequence with a trained token, some tokens masked. */
    private static Sweeps batch(Random random, double sharpness, int cases) {
        int vocabulary = 3 + random.nextInt(6);
        Sweeps s = new Sweeps(SEQUENCES * cases, 1 + random.nextInt(3), vocabulary);
        int n = s.batch * s.time;
        for (Column c : Column.values()) {
            s.columns.put(c, new double[n]);
        }
        for (int i = 0; i < s.logits.length; i++) {
            s.logits[i] = sharpness * random.nextGaussian();
            s.reference[i] = s.logits[i] + random.nextGaussian();
        }
        for (int i = 0; i < n; i++) {
            s.ids[i] = random.nextInt(vocabulary);
            s.mask[i] = i % s.time == 0 || random.nextDouble() < 0.75 ? 1 : 0;
            int at = i * vocabulary + (int) s.ids[i];
            double logProb = s.logits[at] - logSumExp(s.logits, i * vocabulary, vocabulary);
            s.columns.get(Column.OLD_LOG_PROB)[i] = logProb + 0.5 * random.nextGaussian();
            s.columns.get(Column.REF_LOG_PROB)[i] =
                    s.reference[at] - logSumExp(s.reference, i * vocabulary, vocabulary);
            s.columns.get(Column.ADVANTAGE)[i] = random.nextGaussian();
        }
        return s;
    }

    private static double logSumExp(double[] z, int from, int n) {
        double max = Arrays.stream(z, from, from + n).max().orElseThrow();
        return max
                + Math.log(Arrays.stream(z, from, from + n)
                        .map(x -> Math.exp(x - max))
                        .sum());
    }

    private static Sweeps.Result run(Sweeps batch, TokenObjective objective) {
        return batch.run(objective, DataType.DOUBLE);
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void gradientIsTheDerivativeOfTheLossOrItsWeightTimesThatOfSft(TokenObjective objective) {
        Random random = new Random(11);
        for (int shape = 0; shape < SHAPES; shape++) {
            Sweeps batch = batch(random, 0.3 + 0.3 * shape, CASES_PER_SHAPE);
            double[] gradient = run(batch, objective).gradient();
            if (DETACHED.contains(objective.name())) {
                detachedRows(batch, objective, gradient, "shape " + shape); // the weight is a constant
                continue;
            }
            double[] direction = random.doubles(gradient.length, -1, 1).toArray();
            double[] coarse = derivatives(batch, objective, direction, 1e-4);
            double[] fine = derivatives(batch, objective, direction, 1e-7);
            int width = gradient.length / CASES_PER_SHAPE;
            for (int i = 0; i < CASES_PER_SHAPE; i++) {
                double analytic = 0;
                double size = 0;
                for (int k = i * width; k < (i + 1) * width; k++) {
                    analytic += gradient[k] * direction[k];
                    size += Math.abs(gradient[k] * direction[k]);
                }
                String what = "case " + i + " of shape " + shape + ", " + objective;
                if (Math.abs(coarse[i] - analytic) > 1e-6 * Math.max(size, 1e-3)) {
                    // A kink inside the step shows up as a difference that a smaller step does not have.
                    assertEquals(analytic, fine[i], 1e-5 * Math.max(size, 1e-1), what);
                }
            }
        }
    }

    /** Directional derivative of the sum of losses of every case; cases do not depend on each other. */
    private static double[] derivatives(Sweeps batch, TokenObjective objective, double[] direction, double step) {
        double[] before = batch.logits.clone();
        double[][] f = new double[4][CASES_PER_SHAPE];
        for (int k = 0; k < 4; k++) {
            for (int j = 0; j < before.length; j++) {
                batch.logits[j] = before[j] + step * POINTS[k] * direction[j];
            }
            double[] losses = run(batch, objective).losses();
            for (int t = 0; t < losses.length; t++) {
                f[k][t / (SEQUENCES * batch.time)] += losses[t];
            }
        }
        System.arraycopy(before, 0, batch.logits, 0, before.length);
        double[] derivatives = new double[CASES_PER_SHAPE];
        Arrays.setAll(derivatives, i -> ((f[0][i] - f[3][i]) + 8 * (f[2][i] - f[1][i])) / (12 * step));
        return derivatives;
    }

    /**
     * {@code gradient = c (softmax - onehot)} with {@code loss = -c log p}; ASFT adds its divergence, TrSFT is -p / sg.
     */
    private static void detachedRows(Sweeps batch, TokenObjective objective, double[] gradient, String what) {
        double[] losses = run(batch, objective).losses();
        double[] klGradient = new double[gradient.length];
        double[] kl = new double[losses.length];
        if (objective.name().equals("asft")) {
            double weight = 0.05;
            Sweeps.Result part = run(batch, new ForwardKl());
            Arrays.setAll(klGradient, k -> weight * part.gradient()[k]);
            Arrays.setAll(kl, k -> weight * part.losses()[k]);
        }
        int v = batch.vocabulary;
        for (int row = 0; row < losses.length; row++) {
            double logSumExp = logSumExp(batch.logits, row * v, v);
            double logProb = batch.logits[row * v + (int) batch.ids[row]] - logSumExp;
            double loss = losses[row] - kl[row];
            double c = objective.name().equals("trsft") ? -loss : loss / -logProb;
            for (int k = 0; k < v; k++) {
                double onehot = k == batch.ids[row] ? 1 : 0;
                double expected = batch.mask[row] * c * (Math.exp(batch.logits[row * v + k] - logSumExp) - onehot);
                assertEquals(expected, gradient[row * v + k] - klGradient[row * v + k], 1e-9, what + " row " + row);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void maskedTokensHaveNoLossNoGradientAndNoInfluence(TokenObjective objective) {
        Random random = new Random(12);
        for (int i = 0; i < REPETITIONS; i++) {
            Sweeps batch = batch(random, 1, 1);
            Sweeps.Result before = run(batch, objective);
            for (int row = 0; row < batch.mask.length; row++) {
                for (int k = 0; k < batch.vocabulary && batch.mask[row] == 0; k++) {
                    assertEquals(0, before.gradient()[row * batch.vocabulary + k]);
                    assertEquals(0, before.losses()[row]);
                    batch.logits[row * batch.vocabulary + k] = Double.NaN;
                    batch.reference[row * batch.vocabulary + k] = Double.NaN;
                }
            }
            Sweeps.Result after = run(batch, objective);
            assertArrayEquals(before.losses(), after.losses(), 1e-12);
            assertArrayEquals(before.gradient(), after.gradient(), 1e-12);
        }
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void logitsPlusAConstantChangeNothingAndRowsSumToZero(TokenObjective objective) {
        Random random = new Random(13);
        for (int i = 0; i < REPETITIONS; i++) {
            Sweeps batch = batch(random, 1, 1);
            Sweeps.Result before = run(batch, objective);
            double[] sums = new double[batch.mask.length];
            for (int k = 0; k < before.gradient().length; k++) {
                sums[k / batch.vocabulary] += before.gradient()[k];
            }
            for (int k = 0; k < batch.logits.length; k++) {
                batch.logits[k] += k / batch.vocabulary + 1; // another constant per row
                batch.reference[k] -= 2;
            }
            Sweeps.Result after = run(batch, objective);
            if (NOT_SHIFT_INVARIANT.contains(objective.name())) {
                assertFalse(Math.abs(sums[0]) < 1e-6, "the row of z-loss does not sum to 0");
                continue;
            }
            assertArrayEquals(new double[sums.length], sums, 1e-11, "row sums");
            assertArrayEquals(before.losses(), after.losses(), 1e-10);
            assertArrayEquals(before.gradient(), after.gradient(), 1e-10);
        }
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void extremeLogitsGiveFiniteResultsInBothPrecisions(TokenObjective objective) {
        Random random = new Random(14);
        for (int i = 0; i < REPETITIONS; i++) {
            Sweeps batch = batch(random, 1, 1);
            for (int k = 0; k < batch.logits.length; k++) {
                batch.logits[k] = 1e4 * (random.nextInt(3) - 1);
                batch.reference[k] = 1e4 * (random.nextInt(3) - 1);
            }
            for (int row = 0; row < batch.mask.length; row++) {
                double lse = logSumExp(batch.reference, row * batch.vocabulary, batch.vocabulary);
                int at = row * batch.vocabulary + (int) batch.ids[row];
                batch.columns.get(Column.REF_LOG_PROB)[row] = batch.reference[at] - lse;
            }
            for (DataType type : List.of(DataType.DOUBLE, DataType.FLOAT)) {
                Sweeps.Result result = batch.run(objective, type);
                assertTrue(Double.isFinite(result.value()), objective + " " + type);
                assertTrue(Arrays.stream(result.losses()).allMatch(Double::isFinite), objective + " " + type);
                assertTrue(Arrays.stream(result.gradient()).allMatch(Double::isFinite), objective + " " + type);
            }
        }
    }

    /** Pairs swap with pairs, for they are what must stay together. */
    @ParameterizedTest
    @MethodSource("objectives")
    void orderOfTheBatchDoesNotMatter(TokenObjective objective) {
        Random random = new Random(15);
        int[] order = objective.scope() == Scope.PAIR ? new int[] {2, 3, 0, 1} : new int[] {3, 1, 0, 2};
        for (int i = 0; i < REPETITIONS; i++) {
            Sweeps batch = batch(random, 1, 1);
            Sweeps moved = new Sweeps(batch.batch, batch.time, batch.vocabulary);
            permute(batch.logits, moved.logits, order);
            permute(batch.reference, moved.reference, order);
            permute(batch.ids, moved.ids, order);
            permute(batch.mask, moved.mask, order);
            batch.columns.forEach((c, values) -> {
                moved.columns.put(c, new double[values.length]);
                permute(values, moved.columns.get(c), order);
            });
            for (Aggregation aggregation : List.of(Aggregation.SUM, objective.aggregation())) {
                Sweeps.Result a = batch.run(objective, aggregation, DataType.DOUBLE, 100);
                Sweeps.Result b = moved.run(objective, aggregation, DataType.DOUBLE, 100);
                double[] expected = new double[a.gradient().length];
                permute(a.gradient(), expected, order);
                assertEquals(a.value(), b.value(), 1e-10);
                assertArrayEquals(expected, b.gradient(), 1e-11);
            }
        }
    }

    private static void permute(double[] from, double[] to, int[] order) {
        int n = from.length / order.length;
        for (int i = 0; i < order.length; i++) {
            System.arraycopy(from, order[i] * n, to, i * n, n);
        }
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void jsonRoundTripKeepsTheValue(TokenObjective objective) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        TokenLoss loss = new TokenLoss(objective, objective.aggregation());
        String json = mapper.writeValueAsString(loss);
        TokenLoss back = mapper.readValue(json, TokenLoss.class);
        assertEquals(loss, back);
        assertEquals(loss.hashCode(), back.hashCode());
        assertEquals(objective, back.objective());
    }

    /** Every objective has a row in docs/objectives.md whose last column lists parameters and defaults. */
    @ParameterizedTest
    @MethodSource("registered")
    void documentedDefaultsAreThoseOfTheCode(String name) throws IOException {
        TokenObjective byConstructor = ObjectiveRegistry.create(name, Map.of());
        String row = Files.readAllLines(Path.of("..", "docs", "objectives.md")).stream()
                .filter(line -> line.startsWith("| `" + name + "` |"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("docs/objectives.md has no row for " + name));
        StringBuilder expected = new StringBuilder();
        for (Setting p : ObjectiveRegistry.parameters(name)) {
            String value = p.defaultValue() instanceof Double d && d == Math.rint(d)
                    ? String.valueOf(d.longValue())
                    : p.defaultValue().toString();
            expected.append(expected.isEmpty() ? "" : ", ").append(p.name() + " " + value);
        }
        String documented = row.split("\\|")[4].strip();
        assertEquals(expected.isEmpty() ? "-" : expected.toString(), documented, row);
        assertFalse(ObjectiveRegistry.doc(name).isBlank());
        assertEquals(name, byConstructor.name());
    }

    static List<String> registered() {
        return ObjectiveRegistry.names();
    }
}
