package io.github.psft4j.reward;

import java.time.Duration;
import java.util.Objects;

/**
 * A function with its place in the total.
 *
 * @param name in tables, metrics and messages; unique within {@link Rewards}
 * @param weight factor in the total, finite; 0 shows the function without training on it
 * @param limit longest time of one call; positive
 * @param function the function itself
 * @param settings of the function as text, the same in every process: a run is resumed with the same ones; may be empty
 */
public record WeightedReward(String name, double weight, Duration limit, RewardFunction function, String settings) {

    /** Enough for a batch of any shipped function; a judge behind HTTP may need more. */
    public static final Duration LIMIT = Duration.ofSeconds(60);

    /** @throws IllegalArgumentException if the name is blank, the weight not finite, or the limit not positive */
    public WeightedReward {
        Objects.requireNonNull(function, "function");
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException("a reward needs a name");
        }
        if (!Double.isFinite(weight)) {
            throw new IllegalArgumentException("the weight of reward " + name + " must be finite, was " + weight);
        }
        if (limit.isZero() || limit.isNegative()) {
            throw new IllegalArgumentException("the time limit of reward " + name + " must be positive, was " + limit);
        }
    }

    /** A function whose settings, if it has any, are not compared when a run is resumed. */
    public WeightedReward(String name, double weight, Duration limit, RewardFunction function) {
        this(name, weight, limit, function, "");
    }

    /** A function with weight 1 and the default limit of 60 seconds. */
    public static WeightedReward of(String name, RewardFunction function) {
        return new WeightedReward(name, 1, LIMIT, function);
    }
}
