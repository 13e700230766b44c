package io.github.psft4j.rollout.source;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.io.Sha256;
import io.github.psft4j.loss.Column;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.RolloutBatch;
import io.github.psft4j.rollout.RolloutGroup;
import io.github.psft4j.train.source.DataOrder;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MacroBatchSource;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Trains on rollouts that exist already: sampled by another program, or by an earlier run. An epoch is all groups once,
 * in batches of so many groups; the last batch may be smaller. pi_old is the model when a batch begins, not the policy
 * that sampled.
 */
public final class GivenRollouts implements MacroBatchSource {

    private final List<RolloutGroup> groups;
    private final int[] first; // [groups], number of the group's first sequence
    private final List<Demonstration> sequences; // by number
    private final int groupsPerBatch;
    private final RolloutSteps steps;
    private final DataOrder order;
    private String fingerprint; // null until it is asked for
    private int given; // batches
    private RolloutBatch current; // null before the first one
    private int[] numbers; // of its rows

    /**
     * @param groups at least one
     * @param groupsPerBatch groups per generation batch, positive
     * @param order of the groups
     * @throws IllegalArgumentException if there are no groups, or shuffled ones differ in size
     */
    public GivenRollouts(List<RolloutGroup> groups, int groupsPerBatch, RolloutSteps steps, DataOrder order) {
        if (groups.isEmpty() || groupsPerBatch < 1) {
            throw new IllegalArgumentException("rollouts need at least one group and one group per batch, got "
                    + groups.size() + " and " + groupsPerBatch);
        }
        long sizes = groups.stream().mapToInt(RolloutGroup::size).distinct().count();
        if (order.shuffle() && sizes > 1) {
            throw new IllegalArgumentException(
                    "groups of different sizes cannot be shuffled, because an epoch would have another number of steps"
                            + " each time; switch shuffling off");
        }
        this.groups = List.copyOf(groups);
        this.groupsPerBatch = groupsPerBatch;
        this.steps = steps;
        this.order = order;
        this.first = new int[groups.size()];
        for (int g = 1; g < first.length; g++) {
            first[g] = first[g - 1] + groups.get(g - 1).size();
        }
        this.sequences = groups.stream()
                .flatMap(group -> group.rollouts().stream())
                .map(Rollout::sequence)
                .toList();
    }

    @Override
    public MacroBatch next(CausalLm policy, int left) {
        draw();
        return cut();
    }

    @Override
    public MacroBatch resume(int trained, int left) {
        int behind = trained;
        while (true) {
            draw();
            int size = steps.steps(current.size());
            if (behind < size) {
                break;
            }
            behind -= size;
            steps.skip(current);
        }
        if (behind == 0) {
            given--; // the run stands between two batches
            return new MacroBatch(List.of());
        }
        MacroBatch macro = cut();
        Stream.generate(macro.miniBatches()::remove).limit(behind).forEach(mini -> {});
        return macro;
    }

    /** The next batch. */
    private void draw() {
        int batchesPerEpoch = macroStepsPerEpoch();
        int[] indices = order.indices(groups.size(), given / batchesPerEpoch);
        int from = given % batchesPerEpoch * groupsPerBatch;
        int[] drawn = Arrays.copyOfRange(indices, from, Math.min(from + groupsPerBatch, indices.length));
        current = new RolloutBatch(Arrays.stream(drawn).mapToObj(groups::get).toList());
        numbers = Arrays.stream(drawn)
                .flatMap(g -> IntStream.range(first[g], first[g] + groups.get(g).size()))
                .toArray();
        given++;
    }

    private MacroBatch cut() {
        return steps.cut(current, numbers, 1 + (given - 1) / macroStepsPerEpoch(), given);
    }

    @Override
    public void complete(MacroBatch macro) {
        if (!macro.miniBatches().isEmpty()) {
            steps.complete(macro, current, numbers);
        }
    }

    @Override
    public Set<Column> reads() {
        return steps.reads();
    }

    @Override
    public boolean sharesPrompts() {
        return true;
    }

    @Override
    public Set<Column> fills() {
        return steps.fills();
    }

    /** SHA-256 over all sequences, rewards and settings. */
    @Override
    public String fingerprint() {
        if (fingerprint == null) {
            Sha256 sha = new Sha256();
            sequences.forEach(sequence -> sha.add(sequence.bytes()));
            sha.addWithLength(steps.describe() + " " + groupsPerBatch + " " + order);
            for (RolloutGroup group : groups) {
                sha.addWithLength(Arrays.toString(group.rewards()));
                group.rollouts()
                        .forEach(rollout -> sha.addWithLength(rollout.finish().name()));
            }
            fingerprint = sha.hex();
        }
        return fingerprint;
    }

    @Override
    public List<Demonstration> sequences() {
        return sequences;
    }

    @Override
    public int stepsPerEpoch() {
        int sum = 0;
        for (int from = 0; from < groups.size(); from += groupsPerBatch) {
            List<RolloutGroup> batch = groups.subList(from, Math.min(from + groupsPerBatch, groups.size()));
            sum += steps.steps(batch.stream().mapToInt(RolloutGroup::size).sum());
        }
        return sum;
    }

    @Override
    public int macroStepsPerEpoch() {
        return (groups.size() + groupsPerBatch - 1) / groupsPerBatch;
    }
}
