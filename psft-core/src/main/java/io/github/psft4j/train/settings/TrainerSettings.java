package io.github.psft4j.train.settings;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.train.optimizer.Optimizer;
import io.github.psft4j.train.optimizer.Schedule;
import java.util.Objects;

/**
 * Everything that decides a run except model and data. The defaults are the paper's recipe.
 *
 * @param goal what is minimised
 * @param batch sizes of batches
 * @param train length of the run
 * @param optimizer AdamW
 * @param schedule the learning rate over the run
 * @param order of the data
 * @param precision of the linear layers, in the snapshot pass as in training, so that r = 1 before the first update
 */
public record TrainerSettings(
        Goal goal,
        Batch batch,
        Training train,
        Optimizer optimizer,
        Schedule schedule,
        Order order,
        Precision precision) {

    /**
     * @throws NullPointerException if one is null
     * @throws IllegalArgumentException for {@link Precision#INT8}, which has no gradients
     */
    public TrainerSettings {
        Objects.requireNonNull(goal, "goal");
        Objects.requireNonNull(batch, "batch");
        Objects.requireNonNull(train, "train");
        Objects.requireNonNull(optimizer, "optimizer");
        Objects.requireNonNull(schedule, "schedule");
        Objects.requireNonNull(order, "order");
        given(precision, "precision");
        if (precision == Precision.INT8) {
            throw new IllegalArgumentException("precision INT8 has no gradients: it is for generation and scoring; set"
                    + " BF16 or F32 on the model or the trainer (samples of the policy are drawn with it, too)");
        }
    }

    static void given(Object value, String name) {
        if (value == null) {
            throw new IllegalArgumentException(name + " must not be null; leave it out for the default");
        }
    }
}
