package io.github.psft4j.losses;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A model of one layer and 23 tokens, and demonstrations of mixed length. */
final class TinyRuns {

    private static final int VOCABULARY = 23;
    static final DecoderConfig CONFIG = DecoderConfig.builder()
            .vocabSize(VOCABULARY)
            .hiddenSize(16)
            .intermediateSize(20)
            .layers(1)
            .heads(2)
            .maxPositions(16)
            .initializerRange(0.3)
            .build();

    private TinyRuns() {}

    static CausalLm model(long seed) {
        return CausalLm.create(CONFIG, null, seed);
    }

    static List<Demonstration> demonstrations(int n) {
        Random random = new Random(3);
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int[] prompt = random.ints(1 + random.nextInt(4), 0, VOCABULARY).toArray();
            int[] completion = random.ints(1 + random.nextInt(9), 0, VOCABULARY).toArray();
            out.add(Demonstration.of(prompt, completion));
        }
        return out;
    }

    static float[] weights(CausalLm model) {
        return model.graph().params().dup().data().asFloat();
    }
}
