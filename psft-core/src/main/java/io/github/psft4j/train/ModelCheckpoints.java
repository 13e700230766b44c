package io.github.psft4j.train;

import io.github.psft4j.hub.CausalLm;
import java.nio.file.Path;
import java.util.Locale;

/** Saves the model every n optimizer steps to {@code step-00000123} in a directory, as a Hugging Face directory. */
public final class ModelCheckpoints implements TrainerListener {

    private final CausalLm model;
    private final Path dir;
    private final int everySteps;

    /**
     * @throws IllegalArgumentException if everySteps is not positive
     */
    public ModelCheckpoints(CausalLm model, Path dir, int everySteps) {
        if (everySteps < 1) {
            throw new IllegalArgumentException("everySteps must be positive, was " + everySteps);
        }
        this.model = model;
        this.dir = dir;
        this.everySteps = everySteps;
    }

    @Override
    public void onStep(StepMetrics metrics) {
        if (metrics.step() % everySteps == 0) {
            model.save(dir.resolve(String.format(Locale.ROOT, "step-%08d", metrics.step())));
        }
    }
}
