package io.github.psft4j.eval.task;

/**
 * A task with its questions.
 *
 * @param task the task
 * @param questions that are asked
 * @param pool where few-shot examples come from: the questions, or those of other files
 */
public record LoadedTask(Task task, Questions questions, Questions pool) {

    /** A task whose examples, if it has any, are among its questions. */
    public LoadedTask(Task task, Questions questions) {
        this(task, questions, questions);
    }

    /** Name of the task. */
    public String name() {
        return task.name();
    }
}
