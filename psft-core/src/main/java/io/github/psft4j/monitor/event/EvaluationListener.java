package io.github.psft4j.monitor.event;

/** Receives every evaluation on held-out demonstrations; see {@code HeldOutEvaluation.tell}. */
@FunctionalInterface
public interface EvaluationListener {

    /** After an evaluation, on the training thread. */
    void onEvaluation(Evaluation evaluation);
}
