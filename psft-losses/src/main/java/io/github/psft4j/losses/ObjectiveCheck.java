package io.github.psft4j.losses;

import io.github.psft4j.io.Shown;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.NonFiniteLossException;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenObjective;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Checks an objective of your own, in one line of a test: {@code ObjectiveCheck.verify(new MyObjective())}.
 *
 * <p>It works through random mini-batches as the language-model head does, and asks:
 *
 * <ul>
 *   <li>Does every token get a loss or a coefficient, once, whatever the bounds {@code from} and {@code to}?
 *   <li>Is the coefficient the derivative of the loss (finite differences)?
 *   <li>Does a step down the gradient raise the probability of the demonstrated tokens?
 *   <li>Do masked tokens have no loss, no gradient and no influence?
 *   <li>Does a constant added to all logits change nothing? Does the order of the sequences?
 *   <li>Are results finite for logits of 10,000, in double and in float?
 * </ul>
 *
 * <p>The objectives of this module pass the same checks. It needs an ND4J backend and takes a few seconds.
 */
public final class ObjectiveCheck {

    /** What an objective does on purpose, though most do not. */
    public enum Purpose {
        /** The weight of a token is a constant of the backward pass: the gradient is not the loss's derivative. */
        DETACHED_WEIGHT,
        /** A step need not raise the probability of the demonstrated tokens, as with regularizers. */
        NOT_TOWARDS_DATA,
        /** The loss changes with a constant that is added to all logits. */
        NOT_SHIFT_INVARIANT
    }

    private static final int SHAPES = 5;
    private static final int CASES_PER_SHAPE = 100; // 500 cases
    private static final int SEQUENCES = 4; // of a case
    private static final int REPETITIONS = 5;
    private static final int SET_REPETITIONS = 40; // of three shapes
    private static final double[] POINTS = {-2, -1, 1, 2};

    private final TokenObjective objective;

    private ObjectiveCheck(TokenObjective objective) {
        this.objective = objective;
    }

    /**
     * Checks everything.
     *
     * @param purposes what the objective does on purpose; those checks are left out
     * @throws AssertionError naming the objective, what is wrong and what to change
     */
    public static void verify(TokenObjective objective, Purpose... purposes) {
        ObjectiveCheck check = new ObjectiveCheck(objective);
        Set<Purpose> meant = Set.of(purposes);
        check.everyTokenIsSetOnce();
        if (!meant.contains(Purpose.DETACHED_WEIGHT)) {
            check.gradientIsTheDerivative();
        }
        if (!meant.contains(Purpose.NOT_TOWARDS_DATA)) {
            check.descentRaisesTheData();
        }
        check.maskedTokensAreNothing();
        check.shifts(meant.contains(Purpose.NOT_SHIFT_INVARIANT));
        check.extremesAreFinite();
        check.orderDoesNotMatter();
    }

    /** Cases of four sequences, every sequence with a trained token, some tokens masked. */
    static Sweeps batch(Random random, double sharpness, int cases) {
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

    static double logSumExp(double[] z, int from, int n) {
        double max = Arrays.stream(z, from, from + n).max().orElseThrow();
        return max
                + Math.log(Arrays.stream(z, from, from + n)
                        .map(x -> Math.exp(x - max))
                        .sum());
    }

    private Sweeps.Result run(Sweeps batch) {
        return batch.run(objective, DataType.DOUBLE);
    }

    private void require(boolean ok, String problem, Object... values) {
        if (!ok) {
            throw new AssertionError("objective " + objective.name() + ": " + Shown.format(problem, values));
        }
    }

    private void everyTokenIsSetOnce() {
        Random random = new Random(10);
        Map<Integer, boolean[]> setByTokens = new TreeMap<>();
        for (int i = 0; i < SET_REPETITIONS; i++) {
            Sweeps batch = batch(random, 1, 1);
            Arrays.fill(batch.mask, 1);
            Sweeps.Result whole = run(batch);
            boolean[] set = setByTokens.computeIfAbsent(batch.mask.length, boolean[]::new);
            for (int row = 0; row < set.length; row++) {
                set[row] |= whole.losses()[row] != 0 || !isZero(whole.gradient(), row, batch.vocabulary);
            }
            if (objective.scope() == Scope.TOKEN) {
                Sweeps.Result parts = batch.run(objective, Aggregation.SUM, DataType.DOUBLE, 1);
                require(
                        same(whole, parts, 1e-9),
                        "evaluated one token at a time it gives other numbers than all at once; evaluate must set the"
                                + " tokens from .. to - 1, and no others");
            }
        }
        setByTokens.forEach((tokens, set) -> {
            for (int t = 0; t < tokens; t++) {
                require(
                        set[t],
                        "token %d of %d never gets a loss or a gradient; call out.set(t, loss, c) for every t in"
                                + " [from, to)",
                        t,
                        tokens);
            }
        });
    }

    private static boolean isZero(double[] gradient, int row, int vocabulary) {
        return Arrays.stream(gradient, row * vocabulary, (row + 1) * vocabulary).allMatch(x -> x == 0);
    }

    /** Largest difference, NaN if one of them is. */
    private static double distance(double[] a, double[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs(a[i] - b[i]))
                .max()
                .orElse(0);
    }

    private void gradientIsTheDerivative() {
        Random random = new Random(11);
        for (int shape = 0; shape < SHAPES; shape++) {
            Sweeps batch = batch(random, 0.3 + 0.3 * shape, CASES_PER_SHAPE);
            double[] gradient = run(batch).gradient();
            double[] direction = random.doubles(gradient.length, -1, 1).toArray();
            double[] coarse = derivatives(batch, direction, 1e-4);
            double[] fine = derivatives(batch, direction, 1e-7);
            int width = gradient.length / CASES_PER_SHAPE;
            for (int i = 0; i < CASES_PER_SHAPE; i++) {
                double analytic = 0;
                double size = 0;
                for (int k = i * width; k < (i + 1) * width; k++) {
                    analytic += gradient[k] * direction[k];
                    size += Math.abs(gradient[k] * direction[k]);
                }
                // A kink inside the step shows up as a difference that a smaller step does not have.
                boolean equal = Math.abs(coarse[i] - analytic) <= 1e-6 * Math.max(size, 1e-3)
                        || Math.abs(fine[i] - analytic) <= 1e-5 * Math.max(size, 1e-1);
                require(
                        equal,
                        "the gradient is not the derivative of the loss: along a random direction the loss changes by"
                                + " %.6g, the gradient says %.6g%s. For c (softmax - onehot) the coefficient is"
                                + " c = -dL/d log p; a weight that is constant in the backward pass is"
                                + " Purpose.DETACHED_WEIGHT",
                        fine[i],
                        analytic,
                        Math.abs(fine[i] + analytic) < 1e-4 * size ? " (the sign of the coefficient is turned)" : "");
            }
        }
    }

    /** Directional derivative of the sum of losses of every case; cases do not depend on each other. */
    private double[] derivatives(Sweeps batch, double[] direction, double step) {
        double[] before = batch.logits.clone();
        double[][] f = new double[4][CASES_PER_SHAPE];
        for (int k = 0; k < 4; k++) {
            for (int j = 0; j < before.length; j++) {
                batch.logits[j] = before[j] + step * POINTS[k] * direction[j];
            }
            double[] losses = run(batch).losses();
            for (int t = 0; t < losses.length; t++) {
                f[k][t / (SEQUENCES * batch.time)] += losses[t];
            }
        }
        System.arraycopy(before, 0, batch.logits, 0, before.length);
        double[] derivatives = new double[CASES_PER_SHAPE];
        Arrays.setAll(derivatives, i -> ((f[0][i] - f[3][i]) + 8 * (f[2][i] - f[1][i])) / (12 * step));
        return derivatives;
    }

    /** With an advantage of 1; of pairs the chosen sequence counts. */
    private void descentRaisesTheData() {
        Sweeps batch = batch(new Random(16), 1, CASES_PER_SHAPE);
        Arrays.fill(batch.columns.get(Column.ADVANTAGE), 1);
        double[] gradient = run(batch).gradient();
        double rise = 0; // of the sum of log-probs, per unit of the step
        int v = batch.vocabulary;
        for (int row = 0; row < batch.mask.length; row++) {
            boolean counts = objective.neighbours() != 2 || row / batch.time % 2 == 0;
            double logSumExp = logSumExp(batch.logits, row * v, v);
            for (int k = 0; counts && k < v; k++) {
                double onehot = k == batch.ids[row] ? 1 : 0;
                rise -= gradient[row * v + k] * (onehot - Math.exp(batch.logits[row * v + k] - logSumExp));
            }
        }
        require(
                rise > 0,
                "a step down the gradient %s the probability of the demonstrated tokens; turn the sign of loss and"
                        + " coefficient, or say that it is meant: Purpose.NOT_TOWARDS_DATA",
                rise < 0 ? "lowers" : "does not change");
    }

    private void maskedTokensAreNothing() {
        Random random = new Random(12);
        for (int i = 0; i < REPETITIONS; i++) {
            Sweeps batch = batch(random, 1, 1);
            Sweeps.Result before = run(batch);
            for (int row = 0; row < batch.mask.length; row++) {
                if (batch.mask[row] == 0) {
                    require(
                            before.losses()[row] == 0 && isZero(before.gradient(), row, batch.vocabulary),
                            "a masked token has a loss or a gradient");
                    Arrays.fill(batch.logits, row * batch.vocabulary, (row + 1) * batch.vocabulary, Double.NaN);
                    Arrays.fill(batch.reference, row * batch.vocabulary, (row + 1) * batch.vocabulary, Double.NaN);
                }
            }
            require(same(before, run(batch), 1e-12), "the logits of a masked token change the loss of another one");
        }
    }

    private static boolean same(Sweeps.Result a, Sweeps.Result b, double tolerance) {
        return distance(a.losses(), b.losses()) <= tolerance && distance(a.gradient(), b.gradient()) <= tolerance;
    }

    private void shifts(boolean meant) {
        Random random = new Random(13);
        for (int i = 0; i < REPETITIONS; i++) {
            Sweeps batch = batch(random, 1, 1);
            Sweeps.Result before = run(batch);
            for (int k = 0; k < batch.logits.length; k++) {
                batch.logits[k] += k / batch.vocabulary + 1; // another constant per row
                batch.reference[k] -= 2;
            }
            boolean zero = IntStream.range(0, batch.mask.length)
                    .allMatch(row -> Math.abs(Arrays.stream(
                                            before.gradient(), row * batch.vocabulary, (row + 1) * batch.vocabulary)
                                    .sum())
                            < 1e-11);
            boolean invariant = zero && same(before, run(batch), 1e-10);
            require(
                    meant || invariant,
                    "a constant added to all logits of a token changes loss or gradient; work with log-probs, or say"
                            + " that it is meant: Purpose.NOT_SHIFT_INVARIANT");
        }
    }

    private void extremesAreFinite() {
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
                require(
                        isFinite(batch, type),
                        "logits of 10,000 give a loss or gradient that is not finite, in %s; bound the ratio or the"
                                + " exponent",
                        type);
            }
        }
    }

    private boolean isFinite(Sweeps batch, DataType type) {
        try {
            Sweeps.Result result = batch.run(objective, type);
            return Double.isFinite(result.value())
                    && Arrays.stream(result.losses()).allMatch(Double::isFinite)
                    && Arrays.stream(result.gradient()).allMatch(Double::isFinite);
        } catch (NonFiniteLossException e) {
            return false;
        }
    }

    /** Pairs swap with pairs, for they are what must stay together. */
    private void orderDoesNotMatter() {
        Random random = new Random(15);
        int[] order = objective.neighbours() == 2 ? new int[] {2, 3, 0, 1} : new int[] {3, 1, 0, 2};
        for (int i = 0; i < REPETITIONS; i++) {
            Sweeps batch = batch(random, 1, 1);
            Sweeps moved = batch.permuted(order);
            for (Aggregation aggregation : List.of(Aggregation.SUM, objective.aggregation())) {
                Sweeps.Result a = batch.run(objective, aggregation, DataType.DOUBLE, 100);
                Sweeps.Result b = moved.run(objective, aggregation, DataType.DOUBLE, 100);
                double[] expected = Sweeps.permuted(a.gradient(), order);
                require(
                        Math.abs(a.value() - b.value()) <= 1e-10 && distance(expected, b.gradient()) <= 1e-11,
                        "the order of the sequences in the batch changes loss or gradient");
            }
        }
    }
}
