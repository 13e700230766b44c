package io.github.psft4j.examples;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.examples.report.RunComparison.Speeds;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tokens per second of two objectives that are trained in turn, after the process has warmed up. Measured in their own
 * runs, the first would be charged for the JIT compiler.
 *
 * @param base directory of the model, of which every round trains a copy
 * @param demonstrations a macro-batch of them
 */
record SpeedInTurn(Path base, List<Demonstration> demonstrations) {

    private static final int ROUNDS = 3;
    private static final int MACRO_BATCHES = 2; // of a round; the last is timed

    /** Medians over the rounds, prompts and snapshot passes included. */
    Speeds measure(TokenObjective sft, TokenObjective psft) {
        double[] ofSft = new double[ROUNDS];
        double[] ofPsft = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            ofSft[round] = tokensPerSecond(sft);
            ofPsft[round] = tokensPerSecond(psft);
        }
        return new Speeds(median(ofSft), median(ofPsft));
    }

    private double tokensPerSecond(TokenObjective objective) {
        int steps = demonstrations.size() / QuickstartOptions.MINI_BATCH;
        CausalLm model = CausalLm.load(base);
        List<StepMetrics> all = new ArrayList<>();
        FineTuning.trainer(model, objective, demonstrations.size())
                .maxSteps(MACRO_BATCHES * steps)
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics metrics) {
                        all.add(metrics);
                    }
                })
                .build()
                .fit(demonstrations);
        // 1 / speed is additive over steps of about equal size.
        return 1
                / all.subList(all.size() - steps, all.size()).stream()
                        .mapToDouble(step -> 1 / step.tokensPerSecond())
                        .average()
                        .orElseThrow();
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
