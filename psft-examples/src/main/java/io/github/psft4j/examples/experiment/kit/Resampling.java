package io.github.psft4j.examples.experiment.kit;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Intervals of 95 % by resampling seeds and problems at once. Runs of the same seed stay together, because they share
 * demonstrations and order; so do the answers to the same problem.
 */
public final class Resampling {

    private static final int RESAMPLES = 1000;
    private static final double TAIL = 0.025;

    private Resampling() {}

    /** A number of all runs. */
    public interface Statistic {
        double of(Draw draw);
    }

    /** Every seed and problem once. */
    public static Draw all(int seeds) {
        return new Draw(seeds);
    }

    /** The value of {@code statistic} and the percentiles of its values on the resamples. */
    public static Estimate estimate(int seeds, Statistic statistic) {
        if (seeds < 2) {
            throw new IllegalArgumentException(
                    "an interval over seeds needs 2 of them, there is " + seeds + ": run the experiment with more");
        }
        return resampled(seeds, statistic);
    }

    /** The same of one seed: what is resampled are the problems alone. */
    public static Estimate ofOneSeed(Statistic statistic) {
        return resampled(1, statistic);
    }

    private static Estimate resampled(int seeds, Statistic statistic) {
        double[] values = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            values[r] = statistic.of(new Draw(seeds, r));
        }
        Arrays.sort(values);
        int cut = (int) Math.round(TAIL * RESAMPLES);
        return new Estimate(statistic.of(all(seeds)), values[cut], values[RESAMPLES - 1 - cut]);
    }

    /** Which seeds and problems count, and how often. */
    public static final class Draw {
        private final int[] seeds; // how often each counts
        private final long number; // of the resample; -1: everything once
        private final Map<Integer, int[]> problems = new HashMap<>(); // the same, by the number of problems

        private Draw(int seeds) {
            this.seeds = once(seeds);
            number = -1;
        }

        private Draw(int seeds, long number) {
            this.seeds = drawn(seeds, new SplittableRandom(number));
            this.number = number;
        }

        private static int[] once(int size) {
            int[] counts = new int[size];
            Arrays.fill(counts, 1);
            return counts;
        }

        private static int[] drawn(int size, SplittableRandom random) {
            int[] counts = new int[size];
            for (int i = 0; i < size; i++) {
                counts[random.nextInt(size)]++;
            }
            return counts;
        }

        /** The mean over seeds and problems. // values [seeds][problems] */
        public double mean(double[][] values) {
            double sum = 0;
            for (int s = 0; s < seeds.length; s++) {
                if (seeds[s] > 0) {
                    int[] counts = problems.computeIfAbsent(values[s].length, this::counts);
                    double ofSeed = 0;
                    for (int i = 0; i < counts.length; i++) {
                        ofSeed += counts[i] * values[s][i];
                    }
                    sum += seeds[s] * ofSeed / counts.length;
                }
            }
            return sum / seeds.length;
        }

        private int[] counts(int size) {
            return number < 0 ? once(size) : drawn(size, new SplittableRandom(1_000_003L * (number + 1) + size));
        }
    }
}
