package io.github.psft4j.data;

import java.util.Arrays;

/**
 * Lengths in tokens of the demonstrations that were kept.
 *
 * @param bucketWidth bucket i counts lengths from {@code i * bucketWidth + 1} to {@code (i + 1) * bucketWidth}
 * @param counts demonstrations per bucket
 * @param min the shortest, 0 if there is none
 * @param p50 median: the smallest length that half of the demonstrations do not exceed
 * @param p90 the same of nine in ten
 * @param p99 the same of 99 in 100
 * @param max the longest
 */
public record LengthHistogram(int bucketWidth, long[] counts, int min, int p50, int p90, int p99, int max) {

    private static final int MAX_BUCKETS = 16;

    /** At most sixteen buckets of a round width. */
    public static LengthHistogram of(int[] lengths) {
        if (lengths.length == 0) {
            return new LengthHistogram(1, new long[0], 0, 0, 0, 0, 0);
        }
        int[] sorted = lengths.clone();
        Arrays.sort(sorted);
        int max = sorted[sorted.length - 1];
        int width = roundWidth(max);
        long[] counts = new long[(max - 1) / width + 1];
        for (int length : sorted) {
            counts[(length - 1) / width]++;
        }
        return new LengthHistogram(
                width, counts, sorted[0], quantile(sorted, 50), quantile(sorted, 90), quantile(sorted, 99), max);
    }

    /** 1, 2, 5, 10, 20, ...: the smallest that needs at most {@link #MAX_BUCKETS}. */
    private static int roundWidth(int max) {
        for (long decade = 1; ; decade *= 10) {
            for (int digit : new int[] {1, 2, 5}) {
                if (decade * digit * MAX_BUCKETS >= max) {
                    return (int) (decade * digit);
                }
            }
        }
    }

    private static int quantile(int[] sorted, int percent) {
        return sorted[(int) (((long) percent * sorted.length + 99) / 100) - 1];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LengthHistogram h
                && bucketWidth == h.bucketWidth
                && Arrays.equals(counts, h.counts)
                && min == h.min
                && p50 == h.p50
                && p90 == h.p90
                && p99 == h.p99
                && max == h.max;
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(counts) + max;
    }
}
