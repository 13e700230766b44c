package io.github.psft4j.reward;

import java.util.List;

/**
 * Scores completions, a batch at a time. Write one as a lambda, or offer it to configurations by a
 * {@link RewardProvider}.
 *
 * <p>A function is called by one thread at a time. It may throw, hang, or return nonsense: {@link Rewards} names and
 * counts that, and the run goes on. A call that exceeds its time is interrupted; a function that ignores the interrupt
 * may be called again while the old call still runs.
 */
@FunctionalInterface
public interface RewardFunction extends AutoCloseable {

    /**
     * The value of each sample, in their order.
     *
     * @return as many values as samples; {@link RewardValue#notApplicable} where the function has no opinion
     * @throws Exception if the batch cannot be scored; its samples then have no total
     */
    List<RewardValue> score(List<RewardSample> samples) throws Exception;

    /** Lets go of what the function holds, such as a process. */
    @Override
    default void close() {}
}
