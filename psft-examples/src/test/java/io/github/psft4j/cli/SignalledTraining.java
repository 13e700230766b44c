package io.github.psft4j.cli;

import io.github.psft4j.cli.console.Interruption;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The program that {@link SignalsTest} signals: trains, and stays in its third step until it is told to stop, or for
 * ever.
 */
final class SignalledTraining {

    static final String IN_STEP = "in step 3";

    private SignalledTraining() {}

    /** Arguments: run directory; "stuck" if the step is never to end. */
    public static void main(String[] args) {
        DecoderConfig config = DecoderConfig.builder()
                .vocabSize(19)
                .hiddenSize(16)
                .intermediateSize(20)
                .layers(1)
                .heads(2)
                .kvHeads(2)
                .maxPositions(16)
                .build();
        Interruption[] signals = new Interruption[1];
        boolean stuck = args[1].equals("stuck");
        PsftTrainer trainer = PsftTrainer.builder(CausalLm.create(config, null, 1))
                .macroBatch(2)
                .miniBatch(1)
                .maxSteps(100)
                .checkpoints(CheckpointPolicy.every(1000, Path.of(args[0])))
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics metrics) {
                        if (metrics.step() == 3) {
                            System.out.println(IN_STEP);
                            waitFor(signals[0], stuck);
                        }
                    }
                })
                .build();
        int code;
        try (Interruption open = new Interruption(trainer, new PrintWriter(System.out, true))) {
            signals[0] = open;
            trainer.fit(List.of(
                    Demonstration.of(new int[] {1, 2}, new int[] {3}), Demonstration.of(new int[] {4}, new int[] {5})));
            code = open.exitCode();
        }
        System.exit(code);
    }

    private static void waitFor(Interruption signals, boolean stuck) {
        try {
            while (stuck || signals.exitCode() == 0) {
                new CountDownLatch(1).await(10, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the training", e);
        }
    }
}
