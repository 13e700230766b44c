package io.github.psft4j.eval.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Two runs on the same questions: which is better, and could it be chance?
 *
 * @param difference mean of the second run minus the first, with the standard error over questions
 * @param p two-sided p-value of the sign-flip permutation test: the chance of a difference at least as large, if for
 *     each question the two runs were exchanged by a fair coin
 * @param exact whether all permutations were counted; else p is from random ones, the observed one included
 * @param won indices of questions on which the second run is better
 * @param lost indices of questions on which it is worse
 */
public record PairedComparison(Mean difference, double p, boolean exact, List<Integer> won, List<Integer> lost) {

    /** Sums of signs are counted exactly up to this many different values. */
    private static final int MAX_SUM = 2_000_000;

    /** Copies the lists. */
    public PairedComparison {
        won = List.copyOf(won);
        lost = List.copyOf(lost);
    }

    /**
     * Of right samples out of n for each question; the p-value is exact.
     *
     * @param first right samples of the first run, {@code [questions]}
     * @param second right samples of the second run on the same questions
     */
    public static PairedComparison ofCounts(int n, int[] first, int[] second) {
        if (n < 1 || first.length != second.length || first.length == 0) {
            throw new IllegalArgumentException(
                    "a comparison needs n >= 1 and the same questions on both sides, was n = " + n + ", " + first.length
                            + " and " + second.length + " questions");
        }
        double[] a = new double[first.length];
        double[] b = new double[first.length];
        int[] d = new int[first.length];
        long range = 0;
        for (int i = 0; i < first.length; i++) {
            a[i] = (double) first[i] / n;
            b[i] = (double) second[i] / n;
            d[i] = second[i] - first[i];
            range += Math.abs(d[i]);
        }
        return range > MAX_SUM
                ? of(a, b, 100_000, 1)
                : new PairedComparison(difference(a, b), exactP(d), true, better(a, b), better(b, a));
    }

    /**
     * Of any values, one for each question, by random permutations.
     *
     * @param permutations how many, &gt;= 100
     * @param seed of the permutations
     */
    public static PairedComparison of(double[] first, double[] second, int permutations, long seed) {
        if (first.length != second.length) {
            throw new IllegalArgumentException("a comparison needs the same questions on both sides, were "
                    + first.length + " and " + second.length);
        }
        if (permutations < 100) {
            throw new IllegalArgumentException("the test needs at least 100 permutations, was " + permutations);
        }
        Mean difference = difference(first, second);
        double observed = Math.abs(difference.value()) * first.length;
        double slack = 1e-12 * Math.max(1, observed);
        SplittableRandom random = new SplittableRandom(seed);
        long hits = 1;
        for (int r = 0; r < permutations; r++) {
            double sum = 0;
            long bits = 0;
            for (int i = 0; i < first.length; i++) {
                bits = i % 64 == 0 ? random.nextLong() : bits >>> 1;
                double d = second[i] - first[i];
                sum += (bits & 1) == 0 ? d : -d;
            }
            hits += Math.abs(sum) >= observed - slack ? 1 : 0;
        }
        double p = hits / (permutations + 1.0);
        return new PairedComparison(difference, p, false, better(first, second), better(second, first));
    }

    private static Mean difference(double[] first, double[] second) {
        double[] d = new double[first.length];
        for (int i = 0; i < d.length; i++) {
            d[i] = second[i] - first[i];
        }
        return Mean.of(d);
    }

    /** The distribution of the sum of whole numbers with random signs, one number after the other. */
    private static double exactP(int[] d) {
        int range = 0;
        long observed = 0;
        for (int x : d) {
            range += Math.abs(x);
            observed += x;
        }
        double[] at = new double[2 * range + 1];
        at[range] = 1;
        int reach = 0;
        for (int x : d) {
            int step = Math.abs(x);
            if (step == 0) {
                continue;
            }
            double[] next = new double[at.length];
            for (int s = range - reach; s <= range + reach; s++) {
                next[s - step] += at[s] / 2;
                next[s + step] += at[s] / 2;
            }
            reach += step;
            at = next;
        }
        double p = 0;
        for (int s = 0; s < at.length; s++) {
            p += Math.abs(s - range) >= Math.abs(observed) ? at[s] : 0;
        }
        return Math.min(1, p);
    }

    private static List<Integer> better(double[] worse, double[] better) {
        List<Integer> out = new ArrayList<>();
        for (int i = 0; i < worse.length; i++) {
            if (better[i] > worse[i]) {
                out.add(i);
            }
        }
        return out;
    }
}
