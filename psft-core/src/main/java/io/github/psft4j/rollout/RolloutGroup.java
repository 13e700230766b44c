package io.github.psft4j.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The completions of one prompt and what each is worth.
 *
 * @param prompt number of the prompt in its data, from 0
 * @param columns other fields of the prompt's row, such as the answer
 * @param rollouts at least one, all of the same prompt
 * @param rewards one per rollout, no unit; NaN where no reward function applied: such a rollout is left out of mean and
 *     deviation, and is not trained
 */
public record RolloutGroup(int prompt, Map<String, JsonNode> columns, List<Rollout> rollouts, double[] rewards) {

    /** @throws IllegalArgumentException if there are no rollouts, or another number of rewards, or one is infinite */
    public RolloutGroup {
        rollouts = List.copyOf(rollouts);
        columns = Map.copyOf(columns);
        if (rollouts.isEmpty() || rollouts.size() != rewards.length) {
            throw new IllegalArgumentException("prompt " + prompt + " has " + rollouts.size() + " completions and "
                    + rewards.length + " rewards; both must be the same number, at least 1");
        }
        for (int i = 0; i < rewards.length; i++) {
            if (Double.isInfinite(rewards[i])) {
                throw new IllegalArgumentException("the reward of completion " + i + " of prompt " + prompt
                        + " is infinite; give a finite one, or NaN for one that does not apply");
            }
        }
        rewards = rewards.clone();
    }

    /** Completions without other fields. */
    public RolloutGroup(int prompt, List<Rollout> rollouts, double... rewards) {
        this(prompt, Map.of(), rollouts, rewards);
    }

    /** The same completions with other rewards. */
    public RolloutGroup withRewards(double... other) {
        return new RolloutGroup(prompt, columns, rollouts, other);
    }

    /** Number of completions. */
    public int size() {
        return rollouts.size();
    }

    /** Whether all rewards that apply are equal, to the last bit: nothing distinguishes the completions. */
    public boolean dead() {
        double[] known = known();
        return Arrays.stream(known).allMatch(r -> r == known[0]);
    }

    /** The rewards that apply, in their order. */
    public double[] known() {
        return Arrays.stream(rewards).filter(r -> !Double.isNaN(r)).toArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RolloutGroup g
                && prompt == g.prompt
                && columns.equals(g.columns)
                && rollouts.equals(g.rollouts)
                && Arrays.equals(rewards, g.rewards);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * prompt + rollouts.hashCode()) + Arrays.hashCode(rewards);
    }
}
