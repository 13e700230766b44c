package io.github.psft4j.cli.train;

import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.config.RunConfig;
import io.github.psft4j.config.Sections.Checkpoint;
import io.github.psft4j.config.Sections.Data;
import io.github.psft4j.config.Sections.Model;
import io.github.psft4j.config.Sections.Run;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.text.TrainingTemplates;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.model.ValueHeads;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.checkpoint.DirectoryStorage;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * What a run leaves in {@code final/}: the model and its critic. The value head of a critic on the model's trunk lies
 * beside the model; a critic with a trunk of its own lies in {@code critic/}.
 *
 * @param model that is trained
 * @param critic with a trunk of its own; null without one
 * @param files that it came from
 * @param copies where the directory is copied to, null for nowhere
 * @param say shows a line to the user, unless the run is quiet
 * @param warn shows a line to the user
 */
record FinalModel(
        CausalLm model,
        CausalLm critic,
        RunConfig config,
        ModelFiles files,
        DirectoryStorage copies,
        Consumer<String> say,
        Consumer<String> warn) {

    /** Directory of a critic with a trunk of its own, in that of the model. */
    private static final String CRITIC = "critic";

    /** The directory. */
    Path dir() {
        return runDir().resolve(RunDirectories.FINAL);
    }

    private Path runDir() {
        return Path.of(config.get(Run.class).dir());
    }

    /** Type of the weights: an adapter's is that of PEFT. */
    DType type() {
        if (LoraModels.settings(model).isPresent()) {
            return DType.F32;
        }
        String name = config.get(Model.class).saveDtype();
        return name.equals("auto") ? model.storedType() : DType.valueOf(name.toUpperCase(Locale.ROOT));
    }

    /** Says before the training what saving will lose. */
    void announce() {
        if (config.get(Model.class).saveDtype().equals("auto") && type() != DType.F32) {
            say.accept("final/ will be rounded to " + type() + ", as the model came, which can lose small changes;"
                    + " model.save_dtype=f32 keeps them");
        }
    }

    /** Writes the model, and the chat template if its own asks otherwise than the training did. */
    void save() {
        if (config.get(Checkpoint.class).loadBest()) {
            loadBest();
        }
        saveModels();
        String template = config.get(Data.class).chatTemplate();
        if (template != null && !files.template(template).asksLike(files.template())) {
            byte[] source = TrainingTemplates.source(template).getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(dir().resolve("chat_template.jinja"), source);
            say.accept("final/ has the chat template " + template + ", because the model's own asks otherwise");
        }
        if (copies != null) {
            copies.put(dir());
        }
    }

    private void saveModels() {
        PatientSave.OF_A_RUN.save(model, dir(), type(), warn);
        if (critic != null) {
            PatientSave.OF_A_RUN.save(critic, dir().resolve(CRITIC), type(), warn);
        }
    }

    private void loadBest() {
        Path best = new CheckpointStore(runDir()).best().orElse(null);
        if (best == null) {
            say.accept("checkpoint.load_best: no checkpoint was measured; final/ gets the last weights");
            return;
        }
        model.restore(best);
        if (ValueHeads.isSaved(best)) {
            ValueHeads.restore(critic == null ? model : critic, best);
        }
        say.accept("final/ gets the weights of the best checkpoint, " + best.getFileName());
    }

    /** Saves the trained model although something else could not be written. That failure stays the reported one. */
    void saveAfter(RuntimeException failure) {
        try {
            saveModels();
            say.accept("training is done; the model is in " + dir());
        } catch (UncheckedIOException e) {
            failure.addSuppressed(e);
        }
    }
}
