package io.github.psft4j.eval.task;

import io.github.psft4j.data.rows.DataFormatException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** The solved examples in front of a question: never the question itself. */
final class FewShot {

    private final int wanted;
    private final List<Question> pool;

    FewShot(Task task, Questions from) {
        this.wanted = task.prompt().fewShot();
        List<Question> order = new ArrayList<>(wanted == 0 ? List.of() : from.all());
        if (task.prompt().fewShotOrder() == ExampleOrder.RANDOM) {
            Collections.shuffle(order, new Random(task.task().seed()));
        }
        this.pool = order;
    }

    /** @throws DataFormatException if there are fewer than are wanted */
    List<Question> of(Question question) {
        List<Question> out = pool.stream()
                .filter(example -> !example.row().fields().equals(question.row().fields()))
                .limit(wanted)
                .toList();
        if (out.size() < wanted) {
            throw new DataFormatException("prompt.few_shot wants " + wanted + " examples, and there are only "
                    + out.size() + " beside the question at " + question.row().location()
                    + "; lower it, or give more (prompt.few_shot_data)");
        }
        return out;
    }
}
