package io.github.psft4j.eval.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Simulated evaluations: intervals of 95 % hold the truth in 93 to 97 % of them, and tests at 5 % reject what is true
 * in 3 to 7 %. With 4,000 runs the standard error of such a share is 0.35 %.
 */
class CoverageTest {

    private static final int RUNS = 4_000;
    private static final double CONFIDENCE = 0.95;

    /** Shares of right samples; the difficulty of a question is uniform, so the mean of all is 0.5. */
    private static double[] evaluation(SplittableRandom random, int questions, int samples) {
        return IntStream.range(0, questions)
                .mapToDouble(q -> share(random, random.nextDouble(), samples))
                .toArray();
    }

    private static double share(SplittableRandom random, double chance, int samples) {
        int right = 0;
        for (int s = 0; s < samples; s++) {
            right += random.nextDouble() < chance ? 1 : 0;
        }
        return (double) right / samples;
    }

    private static double coverage(double truth, Function<SplittableRandom, Interval> run) {
        SplittableRandom random = new SplittableRandom(20261129);
        int held = 0;
        for (int r = 0; r < RUNS; r++) {
            held += run.apply(random.split()).contains(truth) ? 1 : 0;
        }
        return (double) held / RUNS;
    }

    private static void assertCovers(String what, double coverage) {
        assertTrue(coverage >= 0.93 && coverage <= 0.97, what + " covers in " + coverage);
    }

    @Test
    void intervalsOfMeansCover() {
        for (int[] size : new int[][] {{30, 1}, {30, 32}, {200, 1}, {500, 4}}) {
            assertCovers(
                    size[0] + " questions, " + size[1] + " samples",
                    coverage(
                            0.5,
                            random -> Mean.of(evaluation(random, size[0], size[1]))
                                    .interval(CONFIDENCE)));
        }
    }

    /** Thirty texts with eight questions each, whose difficulty is that of the text. */
    @Test
    void intervalsOfClustersCoverAndThoseWithoutClustersDoNot() {
        List<String> clusters =
                IntStream.range(0, 240).mapToObj(q -> "text " + q / 8).toList();
        assertCovers(
                "clustered",
                coverage(0.5, random -> Mean.clustered(texts(random), clusters).interval(CONFIDENCE)));
        double naive = coverage(0.5, random -> Mean.of(texts(random)).interval(CONFIDENCE));
        assertTrue(naive < 0.8, "without clusters " + naive);
    }

    private static double[] texts(SplittableRandom random) {
        double[] values = new double[240];
        double chance = 0;
        for (int q = 0; q < values.length; q++) {
            chance = q % 8 == 0 ? random.nextDouble() : chance;
            values[q] = random.nextDouble() < chance ? 1 : 0;
        }
        return values;
    }

    @Test
    void bootstrapIntervalsCover() {
        assertCovers(
                "resamples",
                coverage(
                        0.5,
                        random -> Bootstrap.interval(evaluation(random, 60, 4), CONFIDENCE, 400, random.nextLong())));
        assertCovers(
                "exact",
                coverage(
                        0.5,
                        random -> Bootstrap.exact(
                                4,
                                Arrays.stream(evaluation(random, 60, 4))
                                        .mapToInt(v -> (int) Math.round(4 * v))
                                        .toArray(),
                                CONFIDENCE)));
    }

    /** The second run is right by 0.1 more often on every question. */
    @Test
    void intervalsOfDifferencesCover() {
        assertCovers("a difference", coverage(0.1, random -> {
            double[] first = new double[100];
            double[] second = new double[100];
            for (int q = 0; q < first.length; q++) {
                double chance = 0.9 * random.nextDouble();
                first[q] = share(random, chance, 4);
                second[q] = share(random, chance + 0.1, 4);
            }
            return PairedComparison.of(first, second, 100, 1).difference().interval(CONFIDENCE);
        }));
    }

    @Test
    void runsOfTheSameModelAreToldApartInFivePercent() {
        SplittableRandom random = new SplittableRandom(5);
        int exact = 0;
        int sampled = 0;
        for (int r = 0; r < RUNS; r++) {
            int[] first = new int[60];
            int[] second = new int[60];
            for (int q = 0; q < first.length; q++) {
                double chance = random.nextDouble();
                first[q] = (int) Math.round(8 * share(random, chance, 8));
                second[q] = (int) Math.round(8 * share(random, chance, 8));
            }
            exact += PairedComparison.ofCounts(8, first, second).p() < 0.05 ? 1 : 0;
            sampled += PairedComparison.of(asDouble(first), asDouble(second), 199, r)
                                    .p()
                            <= 0.05
                    ? 1
                    : 0;
        }
        assertTrue(exact > 0.03 * RUNS && exact < 0.07 * RUNS, "exact: " + exact + " of " + RUNS);
        assertTrue(sampled > 0.03 * RUNS && sampled < 0.07 * RUNS, "sampled: " + sampled + " of " + RUNS);
    }

    private static double[] asDouble(int[] counts) {
        return Arrays.stream(counts).asDoubleStream().toArray();
    }

    @Test
    void extremeValuesGiveNoNonsense() {
        double[] equal = {0.25, 0.25, 0.25};
        assertEquals(new Interval(0.25, 0.25), Mean.of(equal).interval(CONFIDENCE));
        assertEquals(new Interval(0.25, 0.25), Bootstrap.interval(equal, CONFIDENCE, 100, 1));
        assertEquals(1, PairedComparison.of(equal, equal, 100, 1).p());
        double[] shifted = {1e9, 1e9 + 1, 1e9 + 2};
        assertEquals(1 / Math.sqrt(3), Mean.of(shifted).standardError(), 1e-6);
        assertTrue(Double.isNaN(Mean.of(new double[] {1}).interval(CONFIDENCE).low()), "one question has no interval");
        assertTrue(
                Double.isNaN(Mean.clustered(equal, List.of("a", "a", "a")).standardError()),
                "one cluster has no error");
        for (double wrong : new double[] {0, 1, -0.1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> Mean.of(equal).interval(wrong));
        }
        assertThrows(IllegalArgumentException.class, () -> Mean.of(new double[] {0, Double.NaN}));
        assertThrows(IllegalArgumentException.class, () -> PairedComparison.of(equal, new double[2], 100, 1));
    }
}
