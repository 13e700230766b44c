package io.github.psft4j.spark;

import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.spark.wire.SentFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;

/** The models of a run whose replicas executors can make: the policy, and a reference of its own if there is one. */
final class SentModels implements AutoCloseable {

    private final JavaSparkContext context;
    private final Wire wire;
    private final String run = UUID.randomUUID().toString();
    private final Map<CausalLm, Recipe> recipes = new IdentityHashMap<>();
    private final List<SentFiles> sent = new ArrayList<>();
    private int number; // of recipes so far

    SentModels(JavaSparkContext context, Wire wire) {
        this.context = context;
        this.wire = wire;
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
            SentFiles tokenizer = model.tokenizer() == null ? null : kept(SentFiles.of(context, model.tokenizer()));
            return new Recipe(run, number, model, null, null, tokenizer, wire);
        }
        return SentFiles.saved(dir -> {
            model.save(dir, DType.F32);
            return new Recipe(run, number, model, files(dir), files(LoraModels.baseOf(dir)), null, wire);
        });
    }

    private SentFiles files(Path dir) {
        return kept(new SentFiles(context, dir));
    }

    private SentFiles kept(SentFiles files) {
        sent.add(files);
        return files;
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
