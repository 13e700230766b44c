package io.github.psft4j.train.optimizer;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;

/** The learning rate over a run. */
public record Schedule(
        @Doc("Learning rate after its warm-up: stays, or falls to 0 on a line or half a cosine.")
        @Value(name = "shape", initial = "constant")
        LearningRateSchedule schedule,

        @Doc("Optimizer steps over which the learning rate rises on a line; step 1 has 1/warmupSteps of it.")
        @Value(initial = "10", range = ">= 0")
        int warmupSteps) {

    /** @throws ParameterException naming the setting, its value and its range */
    public Schedule {
        Setting.check(Schedule.class, schedule, warmupSteps);
    }

    /** Factor on the peak learning rate at a step, counted from 1, of a run of so many steps. */
    public double factor(int step, int totalSteps) {
        return schedule.factor(step, warmupSteps, totalSteps);
    }
}
