package io.github.psft4j.rollout.sample;

import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** The program that {@link RolloutCrashTest} kills: samples and trains with a checkpoint after every step. */
final class CrashingSampler {

    static final String STEP = "step ";

    /** Exit code after an exception: neither that of a kill nor that of a JVM that ends by itself. */
    static final int FAILED = 33;

    private CrashingSampler() {}

    /** Arguments: run directory, file for the final weights. */
    public static void main(String[] args) {
        try {
            train(Path.of(args[0]), Path.of(args[1]));
        } catch (IOException | RuntimeException e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(FAILED);
        }
    }

    private static void train(Path run, Path weightsFile) throws IOException {
        CausalLm model = SampledRuns.model();
        SampledRuns.trainer(model)
                .checkpoints(CheckpointPolicy.every(1, run))
                .resumeNewest()
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics metrics) {
                        System.out.println(STEP + metrics.step());
                        System.out.flush();
                    }
                })
                .build()
                .fit(SampledRuns.source(model, SampledRuns.settings(0.9, true)));
        float[] weights = model.graph().params().dup().data().asFloat();
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * weights.length);
        bytes.asFloatBuffer().put(weights);
        Files.write(weightsFile, bytes.array());
    }
}
