package io.github.psft4j.train;

import io.github.psft4j.data.Demonstration;
import io.github.psft4j.data.Packing;
import io.github.psft4j.kernel.Segments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

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

    /** Demonstrations by their index, in micro-batches; with length grouping from the longest to the shortest. */
    List<int[]> cut(int[] indices) {
        int[] order = indices;
        if (settings.lengthGrouping()) {
            order = Arrays.stream(indices)
                    .boxed()
                    .sorted(Comparator.comparingInt(i -> -data.get(i).length())) // stable: ties keep their order
                    .mapToInt(i -> i)
                    .toArray();
        }
        List<int[]> out = new ArrayList<>();
        for (int from = 0; from < order.length; from += settings.microBatch()) {
            out.add(Arrays.copyOfRange(order, from, Math.min(order.length, from + settings.microBatch())));
        }
        return out;
    }

    /** The demonstrations of a micro-batch. */
    List<Demonstration> demonstrations(int[] micro) {
        return Arrays.stream(micro).mapToObj(data::get).toList();
    }

    /** Rows for these demonstrations, one each or packed. */
    Segments layout(List<Demonstration> micro) {
        return settings.packing() > 0 ? Packing.packed(micro, settings.packing()) : Packing.onePerRow(micro);
    }
}
