package io.github.psft4j.examples.experiment.run;

import io.github.psft4j.examples.experiment.run.TrialResult.Point;
import java.util.Arrays;
import java.util.List;

/**
 * What is kept of one run of reinforcement learning.
 *
 * @param seed of demonstrations, problems, order and samples
 * @param seconds of the run, without its checkpoint
 * @param startSteps optimizer steps of the checkpoint that it starts from
 * @param points evaluations in the order of their steps; the first is the start
 * @param rewards mean reward by rollout, ten-thousandths
 * @param entropies mean entropy along the trained answers by rollout, ten-thousandths of a nat
 * @param before right answers of {@link RlTrial#TRIES}, by held-out addition, at the start
 * @param after the same at the end
 */
public record RlResult(
        long seed,
        double seconds,
        int startSteps,
        List<Point> points,
        int[] rewards,
        int[] entropies,
        int[] before,
        int[] after)
        implements Recorded {

    private static final double UNIT = 1e-4;
    private static final double GOAL = 0.9;

    /** Rollouts that {@link #finalReward} is the mean of. */
    public static final int LAST = 4;

    /** The last evaluation. */
    public Point last() {
        return points.get(points.size() - 1);
    }

    /** Mean reward of the last rollouts. */
    public double finalReward() {
        return mean(Arrays.copyOfRange(rewards, rewards.length - LAST, rewards.length));
    }

    /** Mean reward of all rollouts. */
    public double meanReward() {
        return mean(rewards);
    }

    /** Whether the mean reward of a rollout comes to 90 %. */
    public boolean reaches() {
        return Arrays.stream(rewards).anyMatch(reward -> reward * UNIT >= GOAL);
    }

    /** Optimizer steps before the first rollout whose mean reward is 90 %; all of them if there is none. */
    public int stepsToGoal() {
        int rollout = 0;
        while (rollout < rewards.length && rewards[rollout] * UNIT < GOAL) {
            rollout++;
        }
        return rollout * RlTrial.UPDATES;
    }

    private static double mean(int[] values) {
        return Arrays.stream(values).average().orElseThrow() * UNIT;
    }
}
