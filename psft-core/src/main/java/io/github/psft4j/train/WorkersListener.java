package io.github.psft4j.train;

import io.github.psft4j.policy.SliceReports;

/** A listener that evaluates the model, which it may let the workers of the trainer do. */
public interface WorkersListener extends TrainerListener {

    /**
     * Called once before the run starts, if the trainer has workers.
     *
     * @param reports evaluate the trained model on the workers, with the bits of this process
     */
    void onWorkers(SliceReports reports);
}
