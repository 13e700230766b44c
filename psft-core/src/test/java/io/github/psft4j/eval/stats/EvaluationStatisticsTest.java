package io.github.psft4j.eval.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Statistics of evaluations against exact fractions of Python, closed forms and simulation. */
class EvaluationStatisticsTest {

    private static final double TOLERANCE = 1e-9;

    private static JsonNode golden() throws IOException {
        String folder = System.getProperty("psft.golden.rl", "src/test/resources/eval/stats");
        return new ObjectMapper().readTree(Path.of(folder, "pass_at_k.json").toFile());
    }

    private static int[] counts(JsonNode golden) {
        return IntStream.range(0, golden.get("counts").size())
                .map(i -> golden.get("counts").get(i).asInt())
                .toArray();
    }

    @Test
    void passAtKIsTheUnbiasedEstimate() throws IOException {
        JsonNode golden = golden();
        int n = golden.get("n").asInt();
        int[] counts = counts(golden);
        golden.get("pass_at_k").properties().forEach(entry -> {
            int k = Integer.parseInt(entry.getKey());
            JsonNode expected = entry.getValue();
            double[] values =
                    Arrays.stream(counts).mapToDouble(c -> PassAtK.of(n, c, k)).toArray();
            for (int i = 0; i < values.length; i++) {
                assertEquals(expected.get("per_problem").get(i).asDouble(), values[i], TOLERANCE, "k " + k);
            }
            assertEquals(expected.get("pass_at_k").asDouble(), PassAtK.mean(n, counts, k), TOLERANCE);
            assertEquals(
                    expected.get("standard_error").asDouble(), Mean.of(values).standardError(), TOLERANCE);
            Interval interval = Bootstrap.interval(
                    values,
                    golden.get("confidence").asDouble(),
                    golden.get("resamples").asInt(),
                    7);
            JsonNode sd = expected.get("interval_sd_of_one_bootstrap");
            assertEquals(
                    expected.get("interval").get(0).asDouble(),
                    interval.low(),
                    5 * sd.get(0).asDouble() + TOLERANCE);
            assertEquals(
                    expected.get("interval").get(1).asDouble(),
                    interval.high(),
                    5 * sd.get(1).asDouble() + TOLERANCE);
        });
        for (JsonNode row : golden.get("single")) {
            int m = row.get("n").asInt();
            int c = row.get("c").asInt();
            int k = row.get("k").asInt();
            assertEquals(row.get("value").asDouble(), PassAtK.of(m, c, k), TOLERANCE, row.toString());
            double failure = row.get("one_minus").asDouble();
            assertEquals(failure, PassAtK.failure(m, c, k), TOLERANCE * failure, row.toString());
        }
    }

    @Test
    void averageAndExactBootstrapAreThoseOfExactFractions() throws IOException {
        JsonNode golden = golden();
        int n = golden.get("n").asInt();
        int[] counts = counts(golden);
        double[] values = Arrays.stream(counts).mapToDouble(c -> (double) c / n).toArray();
        JsonNode avg = golden.get("avg");
        assertEquals(avg.get("avg").asDouble(), Mean.of(values).value(), TOLERANCE);
        assertEquals(avg.get("standard_error").asDouble(), Mean.of(values).standardError(), TOLERANCE);
        Interval exact = Bootstrap.exact(n, counts, golden.get("confidence").asDouble());
        assertEquals(avg.get("exact_interval").get(0).asDouble(), exact.low(), TOLERANCE);
        assertEquals(avg.get("exact_interval").get(1).asDouble(), exact.high(), TOLERANCE);
    }

    @Test
    void clustersOfOneAreIndependentQuestions() {
        double[] values = {0.1, 0.5, 0.4, 0.9};
        assertEquals(
                Mean.of(values).standardError(),
                Mean.clustered(values, List.of("a", "b", "c", "d")).standardError(),
                1e-15);
        double[] twice = {0.1, 0.1, 0.5, 0.5, 0.4, 0.4, 0.9, 0.9};
        Mean clustered = Mean.clustered(twice, List.of("a", "a", "b", "b", "c", "c", "d", "d"));
        assertEquals(Mean.of(values).standardError(), clustered.standardError(), 1e-15);
        assertEquals(4, clustered.units());
        assertTrue(Mean.of(twice).standardError() < clustered.standardError());
    }

    /** Tables of Student's t. */
    @Test
    void quantilesOfStudentsTAreThoseOfTheTables() {
        assertEquals(12.7062047364, StudentT.quantile(0.975, 1), 1e-8);
        assertEquals(4.30265272991, StudentT.quantile(0.975, 2), 1e-9);
        assertEquals(2.77644510520, StudentT.quantile(0.975, 4), 1e-9);
        assertEquals(2.04522964213, StudentT.quantile(0.975, 29), 1e-9);
        assertEquals(1.95996, StudentT.quantile(0.975, 1_000_000), 1e-4);
    }

    /** 95 % intervals hold the true mean in 93 to 97 % of simulated evaluations: 30 questions, 8 samples each. */
    @Test
    void intervalsCoverTheTruth() {
        SplittableRandom random = new SplittableRandom(20261129);
        int runs = 4_000;
        int held = 0;
        for (int r = 0; r < runs; r++) {
            double[] values = new double[30];
            for (int q = 0; q < values.length; q++) {
                double chance = random.nextDouble(); // difficulty of a question; the mean of all is 0.5
                for (int s = 0; s < 8; s++) {
                    values[q] += random.nextDouble() < chance ? 1 / 8.0 : 0;
                }
            }
            held += Mean.of(values).interval(0.95).contains(0.5) ? 1 : 0;
        }
        double coverage = (double) held / runs;
        assertTrue(coverage >= 0.93 && coverage <= 0.97, "coverage " + coverage);
    }

    @Test
    void theExactPIsThatOfAllPermutations() {
        int[] first = {0, 3, 2, 4, 1, 0, 2, 2, 4, 1};
        int[] second = {2, 4, 2, 3, 3, 1, 4, 2, 4, 3};
        int observed =
                Math.abs(IntStream.range(0, 10).map(i -> second[i] - first[i]).sum());
        int hits = 0;
        for (int mask = 0; mask < 1 << 10; mask++) {
            int sum = 0;
            for (int i = 0; i < 10; i++) {
                sum += (mask >> i & 1) == 0 ? second[i] - first[i] : first[i] - second[i];
            }
            hits += Math.abs(sum) >= observed ? 1 : 0;
        }
        PairedComparison exact = PairedComparison.ofCounts(4, first, second);
        assertEquals(hits / 1024.0, exact.p(), 1e-15);
        assertTrue(exact.exact());
        assertEquals(List.of(0, 1, 4, 5, 6, 9), exact.won());
        assertEquals(List.of(3), exact.lost());
        assertEquals(0.225, exact.difference().value(), 1e-15);
        double[] a = Arrays.stream(first).mapToDouble(c -> c / 4.0).toArray();
        double[] b = Arrays.stream(second).mapToDouble(c -> c / 4.0).toArray();
        assertEquals(exact.p(), PairedComparison.of(a, b, 200_000, 3).p(), 0.002);
        assertEquals(1, PairedComparison.ofCounts(4, first, first).p());
    }

    @Test
    void badCountsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> PassAtK.of(4, 5, 1));
        assertThrows(IllegalArgumentException.class, () -> PassAtK.of(4, 2, 5));
        assertThrows(IllegalArgumentException.class, () -> Mean.of(new double[0]));
        assertThrows(IllegalArgumentException.class, () -> Mean.of(new double[] {1, Double.NaN}));
        assertThrows(
                IllegalArgumentException.class,
                () -> Mean.of(new double[] {1, 2}).interval(1));
        assertThrows(
                IllegalArgumentException.class, () -> PairedComparison.ofCounts(2, new int[] {1}, new int[] {1, 2}));
    }
}
