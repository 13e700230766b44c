package io.github.psft4j.cli.input;

import io.github.psft4j.config.Bundled;
import io.github.psft4j.eval.task.LoadedTask;
import io.github.psft4j.eval.task.Questions;
import io.github.psft4j.eval.task.Task;
import java.util.List;

/** Questions of evaluation tasks. */
public final class TaskInput {

    private TaskInput() {}

    /**
     * The task with its questions.
     *
     * @param data files in place of task.data; empty for these
     */
    public static LoadedTask read(Task task, List<String> data) {
        Questions questions =
                Questions.read(Bundled.resolve(data.isEmpty() ? task.task().data() : data), task.task());
        List<String> examples = task.prompt().fewShotData();
        boolean own = task.prompt().fewShot() == 0 || examples.isEmpty();
        return new LoadedTask(task, questions, own ? questions : Questions.pool(Bundled.resolve(examples)));
    }
}
