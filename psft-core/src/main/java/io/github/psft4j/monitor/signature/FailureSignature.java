package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainingPlan;

/**
 * One way in which a run fails, with the state to recognise it. It is checked after every step until it was seen once.
 */
interface FailureSignature {

    /** Short name in files. */
    String name();

    /** What to change. */
    String remedy();

    /** Before the first step. */
    default void start(TrainingPlan plan) {}

    /** What was observed, with its numbers; null while the run looks healthy. */
    String check(StepMetrics metrics);
}
