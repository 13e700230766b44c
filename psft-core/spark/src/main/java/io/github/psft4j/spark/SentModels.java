package io.github.psft4j.spark;

import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;

/** The models of a run whose replicas executors can make: the policy, and a reference of its own if there is one. */
final class SentModels implements AutoCloseable {

    private final JavaSparkContext context;
    private final String run = UUID.randomUUID().toString();
    private final Map<CausalLm, Recipe> recipes = new IdentityHashMap<>();
    private final List<SentFiles> sent = new ArrayList<>();
    private int number; // of recipes so far

    SentModels(JavaSparkContext context) {
        this.context = context;
    }

    /**
     * How to make a replica. The first call for a model sends what executors need; so does one after its precision or
     * its recomputation has changed.
     */
    Recipe recipe(CausalLm model) {
        Recipe recipe = recipes.get(model);
        if (recipe == null || !recipe.fits(model)) {
            recipe = send(model);
            recipes.put(model, recipe);
        }
        return recipe;
    }

    private Recipe send(CausalLm model) {
        number++;
        if (LoraModels.settings(model).isEmpty()) {
            SentFiles tokenizer = model.tokenizer() == null
                    ? null
                    : inTemporary(dir -> {
                        model.tokenizer().save(dir);
                        return files(dir);
                    });
            return new Recipe(run, number, model, null, null, tokenizer);
        }
        return inTemporary(dir -> {
            model.save(dir, DType.F32);
            return new Recipe(run, number, model, files(dir), files(LoraModels.baseOf(dir)), null);
        });
    }

    private SentFiles files(Path dir) {
        SentFiles files = new SentFiles(context, dir);
        sent.add(files);
        return files;
    }

    private interface Work<T> {
        T on(Path dir) throws IOException;
    }

    private static <T> T inTemporary(Work<T> work) {
        try {
            Path dir = Files.createTempDirectory("psft-send");
            try {
                return work.on(dir);
            } finally {
                try (Stream<Path> files = Files.list(dir)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
                Files.delete(dir);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the model to send to java.io.tmpdir", e);
        }
    }

    /** Frees the files on the driver and all executors. */
    @Override
    public void close() {
        if (!context.sc().isStopped()) {
            sent.forEach(SentFiles::destroy);
        }
        sent.clear();
        recipes.clear();
        Replicas.drop(run);
    }
}
