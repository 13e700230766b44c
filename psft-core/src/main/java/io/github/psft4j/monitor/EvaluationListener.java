package io.github.psft4j.monitor;

/** Told of every evaluation on held-out demonstrations; see {@link HeldOutEvaluation#tell}. */
@FunctionalInterface
public interface EvaluationListener {

    /** After an evaluation, on the training thread. */
    void onEvaluation(Evaluation evaluation);
}
