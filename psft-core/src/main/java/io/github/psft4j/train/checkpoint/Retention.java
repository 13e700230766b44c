package io.github.psft4j.train.checkpoint;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which checkpoints stay; a checkpoint stays if any rule keeps it.
 *
 * @param last the newest n, at least 1
 * @param everySteps those whose step is a multiple of this, 0 for none
 * @param best whether the one with the lowest metric stays
 */
public record Retention(int last, int everySteps, boolean best) {

    /** The newest two: the one that is being replaced must stay until its successor is whole. */
    public static final Retention DEFAULT = new Retention(2, 0, false);

    /** @throws IllegalArgumentException if last is below 1 or everySteps negative */
    public Retention {
        if (last < 1) {
            throw new IllegalArgumentException("at least the last 1 checkpoint must be kept, was " + last);
        }
        if (everySteps < 0) {
            throw new IllegalArgumentException("keep every n steps: n must be 0 (none) or positive, was " + everySteps);
        }
    }

    /** Those of the given checkpoints that no rule keeps. */
    List<Manifest> superfluous(List<Manifest> all) {
        List<Manifest> sorted = new ArrayList<>(all);
        sorted.sort(Comparator.comparingInt(Manifest::step).reversed());
        Manifest lowest = lowest(sorted).orElse(null);
        List<Manifest> out = new ArrayList<>();
        for (int i = last; i < sorted.size(); i++) {
            Manifest m = sorted.get(i);
            boolean kept = everySteps > 0 && m.step() % everySteps == 0 || best && m == lowest;
            if (!kept) {
                out.add(m);
            }
        }
        return out;
    }

    /** The one with the lowest metric, of equals the newest; empty if none has one. */
    static Optional<Manifest> lowest(List<Manifest> newestFirst) {
        return newestFirst.stream()
                .filter(m -> m.metric() != null && !m.metric().isNaN())
                .min(Comparator.comparingDouble(Manifest::metric));
    }
}
