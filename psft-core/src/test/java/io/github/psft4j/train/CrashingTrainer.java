package io.github.psft4j.train;

import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.policy.WarmupSchedule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** The program that {@link CrashTest} kills: trains with a checkpoint after every step, resumes what it finds, writes its weights. */
final class CrashingTrainer {

    static final int STEPS = 60;

    private CrashingTrainer() {}

    /** Arguments: run directory, file for the final weights. */
    public static void main(String[] args) throws IOException {
        CausalLm model = TinyRuns.model();
        PsftTrainer.builder(model)
                .macroBatch(8)
                .miniBatch(2)
                .microBatch(1)
                .learningRate(3e-3)
                .schedule(LearningRateSchedule.COSINE)
                .sftWarmup(WarmupSchedule.steps(2))
                .maxSteps(STEPS)
                .checkpoints(CheckpointPolicy.every(1, Path.of(args[0])))
                .resumeNewest()
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics metrics) {
                        System.out.println("step " + metrics.step());
                    }
                })
                .build()
                .fit(TinyRuns.demonstrations(26));
        float[] weights = TinyRuns.weights(model);
        ByteBuffer bytes = ByteBuffer.allocate(4 * weights.length);
        bytes.asFloatBuffer().put(weights);
        Files.write(Path.of(args[1]), bytes.array());
    }
}
