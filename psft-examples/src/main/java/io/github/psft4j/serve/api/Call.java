package io.github.psft4j.serve.api;

import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationRequest;
import java.util.List;

/**
 * A request that has been understood. Its choices are numbered by prompt, then by sample.
 *
 * @param prompts what is continued
 * @param generates false to score the prompts only
 * @param settings of every choice
 * @param seeds of the samples of each prompt
 * @param output what the answer holds
 */
record Call(List<Prompt> prompts, boolean generates, GenerationConfig settings, List<long[]> seeds, Output output) {

    /**
     * A prompt.
     *
     * @param text as it is repeated with {@code echo}
     */
    record Prompt(int[] ids, String text) {}

    /**
     * What the answer holds.
     *
     * @param likely how many of the likeliest tokens beside every token; null for no log-probs at all
     * @param echo whether the text begins with the prompt
     * @param stream whether the answer comes in parts
     * @param usage whether a stream ends with the numbers of tokens
     */
    record Output(Integer likely, boolean echo, boolean stream, boolean usage) {

        /** How many of the likeliest tokens are to be computed. */
        int computed() {
            return likely == null ? 0 : likely;
        }
    }

    /** Whether the prompts need scores. */
    boolean scores() {
        return output.echo && output.likely != null;
    }

    int samples() {
        return seeds.get(0).length;
    }

    int choices() {
        return prompts.size() * samples();
    }

    GenerationRequest request(int prompt) {
        return new GenerationRequest(prompts.get(prompt).ids, settings, seeds.get(prompt), output.computed());
    }
}
