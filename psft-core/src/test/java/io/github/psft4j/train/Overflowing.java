package io.github.psft4j.train;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * A model that one token overflows, and demonstrations of which some hold that token: those have no finite log-prob.
 */
final class Overflowing {

    private static final DecoderConfig CONFIG = DecoderConfig.builder()
            .vocabSize(19)
            .hiddenSize(16)
            .intermediateSize(20)
            .layers(1)
            .heads(2)
            .kvHeads(2)
            .maxPositions(16)
            .initializerRange(0.2)
            .build();

    private Overflowing() {}

    /** Reading token 0 gives NaN; predicting it does not, because the head has weights of its own. */
    static CausalLm model() {
        CausalLm model = CausalLm.create(CONFIG, null, 11);
        model.graph().params().putScalar(0, Float.NaN);
        return model;
    }

    /** So many demonstrations, of which the named ones overflow. */
    static List<Demonstration> demonstrations(int n, Integer... overflowing) {
        List<Integer> bad = List.of(overflowing);
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int first = bad.contains(i) ? 0 : 1 + i % 18;
            out.add(Demonstration.ofText(new int[] {first, 1 + (i * 5 + 3) % 18, 1 + (i * 7 + 2) % 18, 1 + i % 3}));
        }
        return out;
    }

    /**
     * Macro-batches of four mini-batches of two, in the order of the data: step s trains demonstrations 2s - 2 and 2s -
     * 1.
     */
    static TrainerBuilder trainer(CausalLm model) {
        return PsftTrainer.builder(model)
                .macroBatch(8)
                .miniBatch(2)
                .shuffle(false)
                .learningRate(5e-3)
                .warmupSteps(0);
    }
}
