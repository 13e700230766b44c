package io.github.psft4j.model;

import io.github.psft4j.hf.config.ConfigFile;
import io.github.psft4j.hf.config.ModelFamily;
import io.github.psft4j.hf.safetensors.ModelWeights;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The configuration of a model directory: what {@code config.json} says, corrected by the weights beside it. */
record ModelDirectory(ConfigFile file, ModelFamily family, DecoderConfig config) {

    /** Directories in the log so far: a run reads its model more than once. */
    private static final Set<Path> SAID = ConcurrentHashMap.newKeySet();

    private static final Logger LOG = LoggerFactory.getLogger(ModelDirectory.class);

    /** What {@code config.json} says. */
    static ModelDirectory read(Path dir) {
        return of(ConfigFile.read(dir));
    }

    private static ModelDirectory of(ConfigFile file) {
        ModelFamily family = ModelFamily.of(file);
        return new ModelDirectory(file, family, family.read(file));
    }

    /**
     * The same with a head of its own if the weights have one. transformers ignores {@code tie_word_embeddings: true}
     * where both tensors are there and differ. Merging an adapter that trained the head leaves such a directory.
     */
    ModelDirectory correctedBy(ModelWeights weights) {
        String embedding = family.embedding();
        String stored = weights.names().contains(embedding)
                ? embedding
                : embedding.substring(family.basePrefix().length());
        boolean both = weights.names().contains(stored) && weights.names().contains(ModelFamily.HEAD);
        if (!config.tiedEmbeddings() || !both || weights.equal(stored, ModelFamily.HEAD)) {
            return this;
        }
        if (SAID.add(weights.source())) {
            LOG.info(
                    "{}: {} differs from the embedding, so the head is read as one of its own although config.json says"
                            + " tie_word_embeddings: true; a saved model says false",
                    weights.source(),
                    ModelFamily.HEAD);
        }
        return of(file.with("tie_word_embeddings", false));
    }
}
