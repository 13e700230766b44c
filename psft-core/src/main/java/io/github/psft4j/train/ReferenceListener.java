package io.github.psft4j.train;

import io.github.psft4j.data.batch.Demonstration;
import java.util.List;
import java.util.function.Function;

/** A listener that compares with the frozen reference model, such as an evaluation on held-out pairs. */
public interface ReferenceListener extends TrainerListener {

    /**
     * Before {@link #onStart}, if the objective compares with a reference. A model that is its own reference has not
     * been changed yet, by a checkpoint that is resumed either; so all that is ever compared must be scored now.
     *
     * @param scores log-probs of sequences under the reference: {@code [length - 1]} each, nats, 0 where not trained
     */
    void onReference(Function<List<Demonstration>, double[][]> scores);
}
