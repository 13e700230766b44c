package io.github.psft4j.eval.run;

/** Follows an evaluation, on its thread. */
public interface TaskListener {

    /** Does nothing. */
    TaskListener NONE = new TaskListener() {};

    /**
     * A task begins.
     *
     * @param total questions
     * @param kept of them, from an earlier run that was broken off
     */
    default void onStart(String task, int total, int kept) {}

    /** A question is done. */
    default void onItem(Item item) {}

    /** All are done. */
    default void onEnd(TaskResult result) {}
}
