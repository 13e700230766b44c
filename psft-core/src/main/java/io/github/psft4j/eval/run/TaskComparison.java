package io.github.psft4j.eval.run;

import io.github.psft4j.eval.stats.Mean;
import io.github.psft4j.eval.stats.PairedComparison;
import io.github.psft4j.io.RefusedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Two evaluations of the same questions: which is better, and could it be chance?
 *
 * @param metric that is compared: the chief one of the task
 * @param first mean of the first one over the questions that both measured
 * @param second mean of the second one
 * @param difference second minus first, with standard error and 95 % interval over questions or clusters
 * @param paired p-value and who won; of values for which lower is better the signs are turned
 * @param pairs questions that both measured
 * @param leftOut questions that one of them did not measure
 */
public record TaskComparison(
        String metric,
        double first,
        double second,
        Metric difference,
        PairedComparison paired,
        List<Pair> pairs,
        int leftOut) {

    private static final int PERMUTATIONS = 100_000;
    private static final long SEED = 1;

    /** A question in both. */
    public record Pair(Item first, Item second) {}

    /** Copies the list. */
    public TaskComparison {
        pairs = List.copyOf(pairs);
    }

    /**
     * Compares the directories of two evaluations.
     *
     * @throws RefusedException if one is not finished, the questions differ, or there is nothing to compare
     */
    public static TaskComparison of(Path firstDir, Path secondDir) {
        TaskResult one = TaskResult.read(firstDir);
        TaskResult two = TaskResult.read(secondDir);
        String data = one.told().get("data_sha256");
        if (data == null || !data.equals(two.told().get("data_sha256"))) {
            throw new RefusedException(firstDir + " and " + secondDir
                    + " are evaluations of different questions (data_sha256 in result.json); evaluate both on the same"
                    + " files with the same task.limit");
        }
        String metric = one.metrics().keySet().stream().findFirst().orElse(null);
        String other = two.metrics().keySet().stream().findFirst().orElse(null);
        if (metric == null || other == null) {
            throw new RefusedException("nothing was measured in " + (metric == null ? firstDir : secondDir));
        }
        return of(metric, other, ItemFile.read(firstDir), ItemFile.read(secondDir));
    }

    /** avg@4 of one may be compared with avg@1 of the other: both estimate the same accuracy. */
    private static TaskComparison of(String metric, String other, List<Item> first, List<Item> second) {
        if (!family(metric).equals(family(other))) {
            throw new RefusedException("one evaluation has " + metric + ", the other " + other
                    + "; only evaluations of one kind can be compared");
        }
        Map<Integer, Item> byNumber = new LinkedHashMap<>();
        second.forEach(item -> byNumber.put(item.number(), item));
        List<Pair> pairs = new ArrayList<>();
        for (Item item : first) {
            Item partner = byNumber.get(item.number());
            if (partner != null
                    && item.values().containsKey(metric)
                    && partner.values().containsKey(other)) {
                pairs.add(new Pair(item, partner));
            }
        }
        if (pairs.isEmpty()) {
            throw new RefusedException("no question was measured by both evaluations");
        }
        double[] a = pairs.stream().mapToDouble(p -> p.first().value(metric)).toArray();
        double[] b = pairs.stream().mapToDouble(p -> p.second().value(other)).toArray();
        String shown = metric.equals(other) ? metric : metric + " and " + other;
        int leftOut = Math.max(first.size(), second.size()) - pairs.size();
        return new TaskComparison(
                shown,
                Mean.of(a).value(),
                Mean.of(b).value(),
                Metric.of(difference(a, b, pairs), pairs.size()),
                paired(metric, a, b, pairs),
                pairs,
                leftOut);
    }

    private static String family(String metric) {
        return metric.replaceAll("@.*", "");
    }

    /** Whether a low value is a good one. */
    public boolean lowerIsBetter() {
        return PerplexityScores.measures(metric);
    }

    private static List<String> clusters(List<Pair> pairs) {
        boolean all = pairs.stream().allMatch(p -> p.first().cluster() != null);
        return all ? pairs.stream().map(p -> p.first().cluster()).toList() : null;
    }

    private static Mean difference(double[] a, double[] b, List<Pair> pairs) {
        double[] d = new double[a.length];
        for (int i = 0; i < d.length; i++) {
            d[i] = b[i] - a[i];
        }
        List<String> clusters = clusters(pairs);
        return clusters == null ? Mean.of(d) : Mean.clustered(d, clusters);
    }

    private static PairedComparison paired(String metric, double[] a, double[] b, List<Pair> pairs) {
        double sign = PerplexityScores.measures(metric) ? -1 : 1;
        double[] first = scaled(a, sign);
        double[] second = scaled(b, sign);
        List<String> clusters = clusters(pairs);
        int n = samples(pairs);
        PairedComparison whole = n > 0
                ? PairedComparison.ofCounts(n, counts(a, n), counts(b, n))
                : PairedComparison.of(first, second, PERMUTATIONS, SEED);
        if (clusters == null) {
            return whole;
        }
        // Questions of a cluster are exchanged together.
        PairedComparison together =
                PairedComparison.of(sums(first, clusters), sums(second, clusters), PERMUTATIONS, SEED);
        return new PairedComparison(whole.difference(), together.p(), false, whole.won(), whole.lost());
    }

    private static double[] scaled(double[] values, double factor) {
        double[] out = values.clone();
        for (int i = 0; i < out.length; i++) {
            out[i] *= factor;
        }
        return out;
    }

    private static double[] sums(double[] values, List<String> clusters) {
        Map<String, Double> out = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            out.merge(clusters.get(i), values[i], Double::sum);
        }
        return out.values().stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Answers to each question, if they are counts of as many; 1 for choices; 0 for other values. */
    private static int samples(List<Pair> pairs) {
        int n = pairs.get(0).first().choices() != null
                ? 1
                : samples(pairs.get(0).first());
        boolean same = pairs.stream()
                .allMatch(p -> p.first().choices() != null || samples(p.first()) == n && samples(p.second()) == n);
        return same ? n : 0;
    }

    private static int samples(Item item) {
        return item.samples() == null ? 0 : item.samples().size();
    }

    private static int[] counts(double[] shares, int n) {
        int[] out = new int[shares.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (int) Math.round(shares[i] * n);
        }
        return out;
    }
}
