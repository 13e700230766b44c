package io.github.psft4j.monitor.signature;

import io.github.psft4j.io.Shown;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainingPlan;

/**
 * One way in which a run fails, with the state to recognise it. It is checked after every step until it was seen once.
 */
interface FailureSignature {

    /** Before the first step. */
    default void start(TrainingPlan plan) {}

    /** What was seen; null while the run looks healthy. */
    Finding check(StepMetrics metrics);

    /**
     * The finding of a step.
     *
     * @param name short name of the signature in files
     * @param remedy what to change
     * @param observation what was measured, with a place for each of the numbers
     */
    default Finding found(StepMetrics m, String name, String remedy, String observation, Object... numbers) {
        return new Finding(m.step(), name, Shown.format(observation, numbers), remedy);
    }
}
