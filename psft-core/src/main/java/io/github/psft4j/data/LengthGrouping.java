package io.github.psft4j.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Reorders demonstrations so that those of a batch are about equally long: less padding, same data. Known from the
 * Hugging Face trainer as {@code group_by_length}.
 *
 * <p>An order is cut into windows; the demonstrations of a window are sorted by length, cut into batches, and the batches
 * are shuffled. A window is a compromise: as long as the whole order, batches hardly ever meet the same neighbours in
 * another epoch only because of the shuffle; as short as a batch, nothing changes.
 */
public final class LengthGrouping {

    private LengthGrouping() {}

    /**
     * A permutation of {@code order}, a function of its arguments alone.
     *
     * @param order  indices of demonstrations, not changed
     * @param length tokens of a demonstration, for instance {@link DemonstrationSet#length}
     * @param batch  demonstrations per batch
     * @param window batches per window; 50 is usual
     * @param seed   of the order of batches in a window; another for every epoch
     * @return the new order; batches start at multiples of {@code batch}, and the last one is the short one, if any
     * @throws IllegalArgumentException if {@code batch} or {@code window} is not positive
     */
    public static int[] group(int[] order, IntUnaryOperator length, int batch, int window, long seed) {
        if (batch < 1 || window < 1) {
            throw new IllegalArgumentException("batch and window must be positive, were " + batch + " and " + window);
        }
        int[] grouped = new int[order.length];
        SplittableRandom random = new SplittableRandom(seed);
        int size = Math.toIntExact(Math.min((long) batch * window, Math.max(order.length, 1)));
        for (int from = 0; from < order.length; from += size) {
            int to = Math.min(order.length, from + size);
            int[] sorted = IntStream.range(from, to)
                    .map(i -> order[i])
                    .boxed()
                    .sorted(Comparator.comparingInt(i -> -length.applyAsInt(i)))
                    .mapToInt(i -> i)
                    .toArray();
            int[] batches = shuffled(sorted.length / batch, random);
            int at = from;
            for (int b : batches) {
                System.arraycopy(sorted, b * batch, grouped, at, batch);
                at += batch;
            }
            int rest = batches.length * batch;
            System.arraycopy(sorted, rest, grouped, at, sorted.length - rest);
        }
        return grouped;
    }

    /** Fisher-Yates of 0 .. n - 1. */
    private static int[] shuffled(int n, SplittableRandom random) {
        int[] order = IntStream.range(0, n).toArray();
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        return order;
    }

    /**
     * Share of padding in batches of an order: 0 for batches of equal lengths, towards 1 for one long demonstration among
     * short ones.
     */
    public static double padding(int[] order, IntUnaryOperator length, int batch) {
        long used = Arrays.stream(order).mapToLong(length::applyAsInt).sum();
        long padded = 0;
        for (int from = 0; from < order.length; from += batch) {
            int to = Math.min(order.length, from + batch);
            int longest = Arrays.stream(order, from, to).map(length).max().orElse(0);
            padded += (long) longest * (to - from);
        }
        return padded == 0 ? 0 : 1 - (double) used / padded;
    }
}
