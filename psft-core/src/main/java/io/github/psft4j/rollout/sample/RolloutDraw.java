package io.github.psft4j.rollout.sample;

import io.github.psft4j.model.CausalLm;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.rollout.Finish;
import io.github.psft4j.rollout.Rollout;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups of one rollout. With dynamic sampling (DAPO, arXiv 2503.14476) groups of equal rewards are replaced by
 * those of the next prompts, as long as the settings allow; then the first of them fill up.
 *
 * @param groups those that are trained
 * @param replaced groups of equal rewards that others took the place of
 */
record RolloutDraw(List<SampledGroup> groups, int replaced) {

    private static final Logger LOG = LoggerFactory.getLogger(RolloutDraw.class);

    /** Draws so many groups. */
    static RolloutDraw of(
            CausalLm policy, RolloutSampler sampler, PromptStream stream, SamplingSettings settings, int wanted) {
        if (settings.dynamicSampling() == 1) {
            return new RolloutDraw(sampler.sample(policy, stream.next(wanted)), 0);
        }
        List<SampledGroup> kept = new ArrayList<>();
        List<SampledGroup> dead = new ArrayList<>();
        long left = (long) wanted * settings.dynamicSampling();
        while (kept.size() < wanted && left > 0) {
            int now = (int) Math.min(left, wanted - kept.size());
            for (SampledGroup group : sampler.sample(policy, stream.next(now))) {
                (group.group().dead() ? dead : kept).add(group);
            }
            left -= now;
        }
        int missing = wanted - kept.size();
        if (missing > 0) {
            LOG.warn(
                    "{} prompts gave {} groups whose rewards differ, {} were wanted: {} groups of equal rewards fill"
                            + " up. Choose prompts that are neither too easy nor too hard, or raise"
                            + " rollout.dynamic_sampling ({})",
                    kept.size() + dead.size(),
                    kept.size(),
                    wanted,
                    missing,
                    settings.dynamicSampling());
            kept.addAll(dead.subList(0, missing));
        }
        return new RolloutDraw(kept, dead.size() - missing);
    }

    /** What a reward function says of the samples that are trained. */
    List<RewardValue> values(int function) {
        return groups.stream()
                .flatMap(g -> IntStream.range(0, g.group().size())
                        .mapToObj(i -> g.table().value(function, g.first() + i)))
                .toList();
    }

    /** What logs show of the samples beside rewards and lengths, by name. */
    Map<String, Double> measures() {
        List<RewardValue> totals = groups.stream()
                .flatMap(g -> g
                        .table()
                        .totals()
                        .subList(g.first(), g.first() + g.group().size())
                        .stream())
                .toList();
        List<Rollout> rollouts =
                groups.stream().flatMap(g -> g.group().rollouts().stream()).toList();
        Map<String, Double> out = new LinkedHashMap<>();
        out.put("no_reward", share(totals, total -> !total.isNumber()));
        out.put("replaced_groups", (double) replaced);
        out.put(
                "unique_prompts",
                (double) groups.stream()
                                .map(g -> IntBuffer.wrap(
                                        g.group().rollouts().get(0).prompt()))
                                .distinct()
                                .count()
                        / groups.size());
        out.put("ended", share(rollouts, r -> r.finish() == Finish.END));
        out.put(
                "sample_entropy",
                groups.stream()
                        .flatMapToDouble(g -> Arrays.stream(g.entropies()))
                        .average()
                        .orElse(Double.NaN));
        return out;
    }

    private static <T> double share(List<T> all, Predicate<T> which) {
        return (double) all.stream().filter(which).count() / all.size();
    }
}
