package io.github.psft4j.cli.train;

import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.ValueHeads;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Saves a trained model. Its weights exist nowhere else. So if the disk is full, it waits and tries again.
 *
 * @param attempts number of attempts, positive
 * @param pause time between two of them
 */
record PatientSave(int attempts, Duration pause) {

    /** How long the program of a run waits for space. */
    static final PatientSave OF_A_RUN = new PatientSave(60, Duration.ofSeconds(10));

    /**
     * Saves a model, and its value head if it has one.
     *
     * @param type of the weights in the files
     * @param say receives the first failure
     * @throws UncheckedIOException the last failure, if no attempt succeeds or the thread is interrupted meanwhile
     */
    void save(CausalLm model, Path dir, DType type, Consumer<String> say) {
        for (int attempt = 1; ; attempt++) {
            try {
                model.save(dir, type);
                if (ValueHeads.has(model)) {
                    ValueHeads.save(model, dir);
                }
                return;
            } catch (UncheckedIOException e) {
                if (attempt == attempts) {
                    throw e;
                }
                if (attempt == 1) {
                    say.accept(e.getMessage()
                            + "\nThe trained weights are in memory still: make room for them. Trying again every "
                            + pause.toSeconds() + " s, " + (attempts - 1) + " times; Ctrl-C gives them up.");
                }
                sleep(e);
            }
        }
    }

    private void sleep(UncheckedIOException failure) {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure;
        }
    }
}
