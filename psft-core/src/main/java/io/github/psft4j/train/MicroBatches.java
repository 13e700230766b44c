package io.github.psft4j.train;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.Packing;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.loss.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Cuts mini-batches into micro-batches and lays those out in rows of tokens. The loss divides by the totals of the whole mini-batch and
 * sequences do not see each other, so that nothing here changes what is computed, only what it costs.
 */
final class MicroBatches {

    private final TrainerSettings settings;
    private final List<Demonstration> data;

    MicroBatches(TrainerSettings settings, List<Demonstration> data) {
        this.settings = settings;
        this.data = data;
    }

    /**
     * Demonstrations by their index, in micro-batches; with length grouping from the longest to the shortest, pairs by the longer of
     * their two.
     */
    List<int[]> cut(int[] indices) {
        int[] order = settings.batch().lengthGrouping() ? longestFirst(indices) : indices;
        List<int[]> out = new ArrayList<>();
        for (int from = 0; from < order.length; from += settings.batch().microBatch()) {
            out.add(Arrays.copyOfRange(
                    order, from, Math.min(order.length, from + settings.batch().microBatch())));
        }
        return out;
    }

    private int[] longestFirst(int[] indices) {
        int unit = settings.goal().objective().scope() == Scope.PAIR
                ? 2
                : 1; // chosen and rejected stay together, in this order
        int[] length = Arrays.stream(indices).map(i -> data.get(i).length()).toArray();
        return IntStream.range(0, indices.length / unit)
                .map(u -> u * unit)
                .boxed()
                .sorted(Comparator.comparingInt(u -> -Math.max(length[u], length[u + unit - 1]))) // stable
                .flatMapToInt(u -> Arrays.stream(indices, u, u + unit))
                .toArray();
    }

    /** The demonstrations of a micro-batch. */
    List<Demonstration> demonstrations(int[] micro) {
        return Arrays.stream(micro).mapToObj(data::get).toList();
    }

    /** Rows for these demonstrations, one each or packed. */
    SequenceLayout layout(List<Demonstration> micro) {
        return settings.batch().packing() > 0
                ? Packing.packed(micro, settings.batch().packing())
                : Packing.onePerRow(micro);
    }
}
