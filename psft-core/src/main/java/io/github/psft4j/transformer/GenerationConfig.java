package io.github.psft4j.transformer;

import java.util.Set;
import java.util.TreeSet;

/**
 * How new tokens are chosen and when to stop.
 *
 * @param maxNewTokens most new tokens per prompt
 * @param temperature 0 for greedy, otherwise logits are divided by it before sampling
 * @param topK sample among the k most probable tokens only; 0 for all
 * @param topP sample among the most probable tokens that together reach this mass only; 1 for all
 * @param stopIds a generated token of these ends the sequence and is part of it
 * @param seed of the random numbers; every prompt has its own stream, so that results do not depend on batching
 */
public record GenerationConfig(
        int maxNewTokens, double temperature, int topK, double topP, Set<Integer> stopIds, long seed) {

    /**
     * @throws IllegalArgumentException naming the component, its value and its range
     */
    public GenerationConfig {
        if (maxNewTokens < 1) {
            throw new IllegalArgumentException("maxNewTokens must be positive, was " + maxNewTokens);
        }
        if (!(temperature >= 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature must be 0 (greedy) or above, was " + temperature);
        }
        if (topK < 0) {
            throw new IllegalArgumentException("topK must be 0 (all) or above, was " + topK);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("topP must lie in (0, 1], was " + topP);
        }
        stopIds = Set.copyOf(stopIds);
    }

    /** The most probable token each time. */
    public static GenerationConfig greedy(int maxNewTokens, int... stopIds) {
        return new GenerationConfig(maxNewTokens, 0, 0, 1, set(stopIds), 0);
    }

    /** Sampling from the whole distribution at a temperature. */
    public static GenerationConfig sample(int maxNewTokens, double temperature, long seed, int... stopIds) {
        return new GenerationConfig(maxNewTokens, temperature, 0, 1, set(stopIds), seed);
    }

    private static Set<Integer> set(int... ids) {
        Set<Integer> set = new TreeSet<>();
        for (int id : ids) {
            set.add(id);
        }
        return set;
    }
}
