package io.github.psft4j.train;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A model of 19 tokens that trains in milliseconds, demonstrations of mixed length, and a recorder of metrics. */
public final class TinyRuns {

    static final DecoderConfig CONFIG = DecoderConfig.builder()
            .vocabSize(19)
            .hiddenSize(16)
            .intermediateSize(20)
            .layers(2)
            .heads(4)
            .kvHeads(2)
            .maxPositions(16)
            .initializerRange(0.2)
            .tiedEmbeddings(true)
            .build();

    private TinyRuns() {}

    public static CausalLm model() {
        return CausalLm.create(CONFIG, null, 11);
    }

    static List<Demonstration> demonstrations(int n) {
        return demonstrations(n, 5);
    }

    public static List<Demonstration> demonstrations(int n, long seed) {
        Random random = new Random(seed);
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int[] prompt = random.ints(1 + random.nextInt(4), 0, 19).toArray();
            int[] completion = random.ints(1 + random.nextInt(9), 0, 19).toArray();
            out.add(Demonstration.of(prompt, completion));
        }
        return out;
    }

    /**
     * 12 steps: 3 macro-batches of 8 in mini-batches of 2, each in micro-batches of 1; the learning rate makes the clip
     * bind.
     */
    public static TrainerBuilder trainer(CausalLm model) {
        return PsftTrainer.builder(model)
                .macroBatch(8)
                .miniBatch(2)
                .microBatch(1)
                .learningRate(2e-2)
                .warmupSteps(0);
    }

    static final class Recorder implements TrainerListener {
        final List<StepMetrics> steps = new ArrayList<>();
        boolean closed;

        @Override
        public void onStep(StepMetrics metrics) {
            steps.add(metrics);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    static float[] weights(CausalLm model) {
        return model.graph().params().dup().data().asFloat();
    }
}
