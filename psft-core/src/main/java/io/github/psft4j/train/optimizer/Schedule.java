package io.github.psft4j.train.optimizer;

/**
 * The learning rate over a run.
 *
 * @param schedule its shape after the warm-up
 * @param warmupSteps optimizer steps of the warm-up, 0 for none
 */
public record Schedule(LearningRateSchedule schedule, int warmupSteps) {

    /**
     * @throws IllegalArgumentException naming the setting, its value and its range
     */
    public Schedule {
        if (schedule == null) {
            throw new IllegalArgumentException("schedule must not be null; leave it out for the default");
        }
        Optimizer.check(warmupSteps >= 0, "warmupSteps", warmupSteps, "0 or above");
    }

    /** Factor on the peak learning rate at a step, counted from 1, of a run of so many steps. */
    public double factor(int step, int totalSteps) {
        return schedule.factor(step, warmupSteps, totalSteps);
    }
}
