package io.github.psft4j.rollout.sample;

import io.github.psft4j.reward.RewardTable;
import io.github.psft4j.rollout.RolloutGroup;
import java.util.List;

/**
 * The samples of one prompt with what every reward says of them.
 *
 * @param epoch pass over the prompts, from 0
 * @param group token ids, why each ended, totals
 * @param texts of the completions, in their order
 * @param entropies mean entropy of the policy over the tokens of each completion, nats
 * @param table the rewards of this batch of samples
 * @param first index of the group's first sample in the table
 */
record SampledGroup(
        int epoch, RolloutGroup group, List<String> texts, double[] entropies, RewardTable table, int first) {}
