package io.github.psft4j.transformer.generation;

/**
 * A prompt and what is wanted of it.
 *
 * @param prompt token ids
 * @param settings how its samples are chosen and ended; its seed does not matter
 * @param seeds one per sample; a sample depends on prompt, settings and seed, not on what is decoded beside it
 * @param likely how many of the likeliest tokens are wanted at each position, 0 for none
 */
public record GenerationRequest(int[] prompt, GenerationConfig settings, long[] seeds, int likely) {

    /** @throws IllegalArgumentException without a sample, or for a negative number of likeliest tokens */
    public GenerationRequest {
        if (seeds.length == 0) {
            throw new IllegalArgumentException("a request needs the seed of at least one sample");
        }
        if (likely < 0) {
            throw new IllegalArgumentException("likely must be 0 (none) or above, was " + likely);
        }
    }

    /** One sample by the seed of the settings. */
    public static GenerationRequest of(int[] prompt, GenerationConfig settings) {
        return new GenerationRequest(prompt, settings, new long[] {settings.seed()}, 0);
    }
}
