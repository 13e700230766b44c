package io.github.psft4j.examples.experiment;

import io.github.psft4j.eval.stats.PassAtK;
import io.github.psft4j.examples.experiment.kit.Estimate;
import io.github.psft4j.examples.experiment.run.RlResult;
import io.github.psft4j.examples.experiment.run.RlTrial;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.io.Shown;
import java.util.Arrays;
import java.util.function.Function;

/** What the page says of a run of reinforcement learning, and how it is written. */
enum RlQuantity {
    /** Share of unseen additions solved greedily after the last update. */
    ADDITIONS("unseen additions", "%.1f", 100, run -> run.last().solved(0, Trial.PROBLEMS)),
    /** The same for the other five skills. */
    OTHERS("other skills", "%.1f", 100, run -> run.last().solved(Trial.PROBLEMS, 6 * Trial.PROBLEMS)),
    /** Mean reward of the last rollouts. */
    REWARD("final reward", "%.1f", 100, run -> one(run.finalReward())),
    /** Mean reward of all rollouts: how fast it rises. */
    MEAN_REWARD("reward, all rollouts", "%.1f", 100, run -> one(run.meanReward())),
    /** Optimizer steps until the mean reward of a rollout is 90 %. */
    STEPS_TO_GOAL("updates to 90 %", "%.0f", 1, run -> one(run.stepsToGoal())),
    /** Entropy along own samples after the last update, nats/token. */
    ENTROPY("entropy, own samples", "%.3f", 1, run -> one(run.last().sampleEntropy())),
    /** Share solved by one sample. */
    PASS_1("pass@1", "%.1f", 100, run -> pass(run.after(), 1)),
    /** Share solved by at least one of 16 samples. */
    PASS_16("pass@16", "%.1f", 100, run -> pass(run.after(), RlTrial.TRIES)),
    /** {@link #ADDITIONS} at the start. */
    ADDITIONS_BEFORE("unseen additions", "%.1f", 100, run -> run.points().get(0).solved(0, Trial.PROBLEMS)),
    /** {@link #OTHERS} at the start. */
    OTHERS_BEFORE("other skills", "%.1f", 100, run -> run.points().get(0).solved(Trial.PROBLEMS, 6 * Trial.PROBLEMS)),
    /** {@link #ENTROPY} at the start. */
    ENTROPY_BEFORE(
            "entropy, own samples", "%.3f", 1, run -> one(run.points().get(0).sampleEntropy())),
    /** {@link #PASS_16} at the start. */
    PASS_16_BEFORE("pass@16", "%.1f", 100, run -> pass(run.before(), RlTrial.TRIES)),
    /** Held-out NLL of answers in the format of the demonstrations, at the start. */
    NLL_BEFORE("held-out NLL", "%.3f", 1, run -> one(run.points().get(0).nll())),
    /** Optimizer steps of the checkpoint. */
    START_STEPS("steps", "%.0f", 1, run -> one(run.startSteps()));

    private final String label;
    private final String format;
    private final double factor;
    private final Function<RlResult, double[]> values;

    RlQuantity(String label, String format, double factor, Function<RlResult, double[]> values) {
        this.label = label;
        this.format = format;
        this.factor = factor;
        this.values = values;
    }

    /** With its unit, if that is per cent. */
    String label() {
        return factor == 100 ? label + ", %" : label;
    }

    /** One value for each problem; for what has no problems, one. */
    double[] of(RlResult run) {
        return values.apply(run);
    }

    /** A value with its interval. */
    String shown(Estimate e) {
        return number(e.value()) + " [" + number(e.low()) + ", " + number(e.high()) + "]";
    }

    /** A difference with its interval and sign; a star marks one whose interval leaves 0 out. */
    String difference(Estimate e) {
        String mark = e.isPositive() || e.isNegative() ? " *" : "";
        return signed(e.value()) + " [" + signed(e.low()) + ", " + signed(e.high()) + "]" + mark;
    }

    private String number(double value) {
        return Shown.format(format, factor * value);
    }

    private String signed(double value) {
        return Shown.format(format.replace("%", "%+"), factor * value);
    }

    private static double[] one(double value) {
        return new double[] {value};
    }

    private static double[] pass(int[] right, int k) {
        return Arrays.stream(right)
                .mapToDouble(c -> PassAtK.of(RlTrial.TRIES, c, k))
                .toArray();
    }
}
