package io.github.psft4j.data.batch;

import io.github.psft4j.kernel.SequenceLayout;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Cuts mini-batches into micro-batches and lays those out in rows of tokens. The loss divides by the totals of the
 * whole mini-batch, and sequences do not see each other. So nothing here changes what is computed, only what it costs.
 *
 * @param size sequences per micro-batch
 * @param packing most tokens of a row that several sequences share, 0 for one sequence per row
 * @param longestFirst whether micro-batches are cut in the order of length
 * @param group neighbours that stay together in their order: 2 for pairs, chosen then rejected; otherwise 1
 * @param sharing whether neighbours that begin alike, such as samples of a prompt, are computed up to there once
 */
public record MicroBatches(int size, int packing, boolean longestFirst, int group, boolean sharing) {

    /** Without sharing. */
    public MicroBatches(int size, int packing, boolean longestFirst, int group) {
        this(size, packing, longestFirst, group, false);
    }

    /**
     * The micro-batches of a mini-batch, each made when it is asked for.
     *
     * @param numbers by which the sequences are known
     * @param sequences in the same order
     */
    public List<MicroBatch> cut(int[] numbers, List<Demonstration> sequences) {
        int n = sequences.size();
        int[] order =
                longestFirst ? longestFirst(sequences) : IntStream.range(0, n).toArray();
        int count = (int) (((long) n + size - 1) / size);
        return new LazyList<>(count, m -> {
            int from = m * size;
            int[] places = Arrays.copyOfRange(order, from, from + Math.min(size, n - from));
            List<Demonstration> micro =
                    Arrays.stream(places).mapToObj(sequences::get).toList();
            return new MicroBatch(Arrays.stream(places).map(i -> numbers[i]).toArray(), micro, layout(micro));
        });
    }

    private SequenceLayout layout(List<Demonstration> micro) {
        if (packing > 0) {
            return Packing.packed(micro, packing);
        }
        return sharing ? Packing.sharing(micro) : Packing.onePerRow(micro);
    }

    /**
     * Places from the longest to the shortest sequence, groups by the longest of theirs; equal lengths keep their
     * order.
     */
    private int[] longestFirst(List<Demonstration> sequences) {
        int[] length = sequences.stream().mapToInt(Demonstration::length).toArray();
        return IntStream.range(0, length.length / group)
                .map(g -> g * group)
                .boxed()
                .sorted(Comparator.comparingInt(g -> -Math.max(length[g], length[g + group - 1])))
                .flatMapToInt(g -> IntStream.range(g, g + group))
                .toArray();
    }
}
