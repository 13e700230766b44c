package io.github.psft4j.data.batch;

import io.github.psft4j.kernel.SequenceLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Lays demonstrations out in rows of tokens: one per row, as many as fit, or samples behind their common prompt. */
public final class Packing {

    private Packing() {}

    /**
     * Best-fit decreasing: items from the longest to the shortest, each into the fullest bin that still has room for
     * it. The result needs at most 11/9 of the fewest bins possible, and one more (Johnson, 1973); it takes n log n
     * steps. Ties are broken by the lower index, of items as of bins, so that it depends on the lengths alone.
     *
     * @param lengths of the items, each from 1 to capacity
     * @return indices of the items in each bin, in the order in which they went in; bins in the order of their first
     *     items
     * @throws IllegalArgumentException naming an item that is longer than a bin
     */
    public static List<int[]> bestFitDecreasing(int[] lengths, int capacity) {
        Integer[] order = new Integer[lengths.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingInt(i -> -lengths[i])); // stable: ties keep their order
        List<List<Integer>> bins = new ArrayList<>();
        TreeMap<Integer, Deque<Integer>> byRoom =
                new TreeMap<>(); // room left to bins, those of equal room in their order
        for (int item : order) {
            if (lengths[item] > capacity || lengths[item] < 1) {
                throw new IllegalArgumentException("item " + item + " has " + lengths[item]
                        + " tokens, which is not between 1 and the " + capacity + " of a row");
            }
            Map.Entry<Integer, Deque<Integer>> fit = byRoom.ceilingEntry(lengths[item]);
            int bin = bins.size();
            int room = capacity;
            if (fit == null) {
                bins.add(new ArrayList<>());
            } else {
                room = fit.getKey();
                bin = fit.getValue().remove();
                if (fit.getValue().isEmpty()) {
                    byRoom.remove(room);
                }
            }
            bins.get(bin).add(item);
            byRoom.computeIfAbsent(room - lengths[item], r -> new ArrayDeque<>())
                    .add(bin);
        }
        return bins.stream().map(bin -> bin.stream().mapToInt(i -> i).toArray()).toList();
    }

    /**
     * One demonstration per row, padded to the longest. A demonstration of L tokens takes L - 1 positions: the last is
     * only predicted.
     */
    public static SequenceLayout onePerRow(List<Demonstration> demonstrations) {
        int[] lengths = positions(demonstrations);
        return SequenceLayout.padded(lengths, Arrays.stream(lengths).max().orElse(0));
    }

    /**
     * As few rows of at most the given length as {@link #bestFitDecreasing} finds; they are as long as the fullest of
     * them. Demonstrations keep their number as their sequence number.
     *
     * @throws IllegalArgumentException naming a demonstration that is longer than a row
     */
    public static SequenceLayout packed(List<Demonstration> demonstrations, int maxTokensPerRow) {
        int[] lengths = positions(demonstrations);
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] > maxTokensPerRow) {
                throw new IllegalArgumentException(
                        "demonstration " + i + " takes " + lengths[i] + " positions, a packed row has "
                                + maxTokensPerRow + "; pack longer rows, or shorten or drop it");
            }
        }
        List<int[]> rows = bestFitDecreasing(lengths, maxTokensPerRow);
        int time = rows.stream()
                .mapToInt(row -> Arrays.stream(row).map(i -> lengths[i]).sum())
                .max()
                .orElse(0);
        int[] sequences = new int[rows.size() * time];
        Arrays.fill(sequences, SequenceLayout.PADDING);
        for (int b = 0; b < rows.size(); b++) {
            int at = b * time;
            for (int i : rows.get(b)) {
                Arrays.fill(sequences, at, at + lengths[i], i);
                at += lengths[i];
            }
        }
        return SequenceLayout.of(sequences, rows.size(), time);
    }

    /**
     * Side by side in one row, where neighbours that begin alike take the rows of their common beginning once. What is
     * trained has rows of its own. If this does not save an eighth of the rows, one demonstration per row.
     */
    public static SequenceLayout sharing(List<Demonstration> demonstrations) {
        int[] lengths = positions(demonstrations);
        int[] shared = shared(demonstrations);
        int all = Arrays.stream(lengths).sum();
        int saved = Arrays.stream(shared).sum();
        if (8L * saved < all) {
            return onePerRow(demonstrations);
        }
        int[] sequences = new int[all - saved];
        int at = 0;
        for (int i = 0; i < shared.length; i++) {
            int own = lengths[i] - shared[i];
            Arrays.fill(sequences, at, at + own, i);
            at += own;
        }
        return SequenceLayout.of(sequences, 1, sequences.length).sharing(shared);
    }

    /**
     * Rows that each takes from the last one before it that takes none. One that has more in common with the next takes
     * none: prompts of one chat template begin alike, too.
     */
    private static int[] shared(List<Demonstration> demonstrations) {
        int[] shared = new int[demonstrations.size()];
        int owner = 0;
        for (int i = 1; i < shared.length; i++) {
            int before = common(demonstrations.get(owner), demonstrations.get(i));
            int after = i + 1 < shared.length ? common(demonstrations.get(i), demonstrations.get(i + 1)) : 0;
            shared[i] = after > before ? 0 : before;
            owner = shared[i] == 0 ? i : owner;
        }
        return shared;
    }

    /** Rows that two demonstrations have in common: of equal tokens, predicting none that is trained. */
    private static int common(Demonstration a, Demonstration b) {
        int most = Math.min(a.length(), b.length()) - 2; // one row at least is its own
        int n = 0;
        while (n < most && a.tokens()[n] == b.tokens()[n] && !a.lossMask()[n + 1] && !b.lossMask()[n + 1]) {
            n++;
        }
        return n;
    }

    private static int[] positions(List<Demonstration> demonstrations) {
        return demonstrations.stream().mapToInt(d -> d.length() - 1).toArray();
    }
}
