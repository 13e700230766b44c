package io.github.psft4j.train.optimizer;

import io.github.psft4j.settings.Default;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Named;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Range;
import io.github.psft4j.settings.Setting;

/** The learning rate over a run. */
public record Schedule(
        @Named("shape")
        @Default("constant")
        @Doc("Learning rate after its warm-up: stays, or falls to 0 on a line or half a cosine.")
        LearningRateSchedule schedule,

        @Default("10")
        @Range(">= 0")
        @Doc("Optimizer steps over which the learning rate rises on a line; step 1 has 1/warmupSteps of it.")
        int warmupSteps) {

    /**
     * @throws ParameterException naming the setting, its value and its range
     */
    public Schedule {
        Setting.check(Schedule.class, schedule, warmupSteps);
    }

    /** Factor on the peak learning rate at a step, counted from 1, of a run of so many steps. */
    public double factor(int step, int totalSteps) {
        return schedule.factor(step, warmupSteps, totalSteps);
    }
}
