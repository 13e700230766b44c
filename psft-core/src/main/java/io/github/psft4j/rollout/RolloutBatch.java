package io.github.psft4j.rollout;

import java.util.Arrays;
import java.util.List;

/**
 * The groups of one generation batch. Its rows are the rollouts, group after group; a row's number, from 0, is the
 * number of its sequence in the macro-batch.
 *
 * @param groups at least one; they may differ in size
 */
public record RolloutBatch(List<RolloutGroup> groups) {

    /** @throws IllegalArgumentException if there are no groups */
    public RolloutBatch {
        groups = List.copyOf(groups);
        if (groups.isEmpty()) {
            throw new IllegalArgumentException("a batch of rollouts needs at least one group");
        }
    }

    /** All rollouts, row by row. */
    public List<Rollout> rollouts() {
        return groups.stream().flatMap(group -> group.rollouts().stream()).toList();
    }

    /** All rewards, {@code [rows]}; NaN where none applied. */
    public double[] rewards() {
        return groups.stream()
                .flatMapToDouble(group -> Arrays.stream(group.rewards()))
                .toArray();
    }

    /** Index of every row's group, {@code [rows]}. */
    public int[] groupOfRow() {
        int[] out = new int[size()];
        int row = 0;
        for (int g = 0; g < groups.size(); g++) {
            for (int i = 0; i < groups.get(g).size(); i++) {
                out[row++] = g;
            }
        }
        return out;
    }

    /** Number of rows. */
    public int size() {
        return groups.stream().mapToInt(RolloutGroup::size).sum();
    }
}
