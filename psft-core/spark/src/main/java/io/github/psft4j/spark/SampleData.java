package io.github.psft4j.spark;

import io.github.psft4j.transformer.generation.GenerationResult;
import java.io.Serializable;

/** A sample on its way to the driver. */
final class SampleData implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int[] tokens;
    private final int promptLength;
    private final float[] logProbs;
    private final float[] entropies;
    private final String text; // null without a tokenizer
    private final int finish; // ordinal
    private final int proposed;
    private final int accepted;

    SampleData(GenerationResult result) {
        tokens = result.tokens();
        promptLength = result.promptLength();
        logProbs = result.logProbs();
        entropies = result.entropies();
        text = result.text();
        finish = result.finish().ordinal();
        proposed = result.proposed();
        accepted = result.accepted();
    }

    GenerationResult result() {
        return new GenerationResult(
                tokens,
                promptLength,
                logProbs,
                entropies,
                text,
                GenerationResult.Finish.values()[finish],
                proposed,
                accepted);
    }
}
