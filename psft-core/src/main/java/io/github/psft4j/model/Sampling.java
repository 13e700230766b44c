package io.github.psft4j.model;

import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationResult;
import java.util.List;

/** Draws samples of a model as it is now: {@code CausalLm::sample} in this process, or workers elsewhere. */
@FunctionalInterface
public interface Sampling {

    /** Draws several samples of every prompt of token ids, as {@link CausalLm#sample} does. */
    List<GenerationResult> sample(CausalLm model, List<int[]> prompts, List<long[]> seeds, GenerationConfig settings);
}
