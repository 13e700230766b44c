package io.github.psft4j.train;

import io.github.psft4j.faults.FaultyFiles;
import io.github.psft4j.faults.FileOperation;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.optimizer.LearningRateSchedule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The program that {@link CrashTest} kills: trains with a checkpoint after every step, resumes what it finds, writes
 * its weights. Names every kind of operation that it comes across in the writing of checkpoints; before one it waits
 * for its end.
 */
final class CrashingTrainer {

    static final int STEPS = 60;
    static final String STEP = "step ";
    static final String OPERATION = "operation ";
    static final String WAITING = "waiting";

    /** Exit code after an exception: neither that of a kill nor that of a JVM that ends by itself. */
    static final int FAILED = 33;

    private CrashingTrainer() {}

    /**
     * Arguments: run directory, file for the final weights; then, to be killed, operation to wait before and how many
     * to let pass.
     */
    public static void main(String[] args) {
        try {
            String waitBefore = args.length > 2 ? args[2] : null;
            int letPass = args.length > 2 ? Integer.parseInt(args[3]) : 0;
            train(Path.of(args[0]), Path.of(args[1]), waitBefore, letPass);
        } catch (IOException | RuntimeException e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(FAILED);
        }
    }

    private static void train(Path run, Path weightsFile, String waitBefore, int letPass) throws IOException {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        AtomicInteger count = new AtomicInteger();
        Path directory = FaultyFiles.wrap(run, operation -> {
            if (!isPartOfACheckpoint(operation, run)) {
                return;
            }
            String name = operation.toString();
            if (seen.add(name)) {
                say(OPERATION + name);
            }
            if (count.getAndIncrement() >= letPass && name.equals(waitBefore)) {
                say(WAITING);
                waitForTheEnd();
            }
        });
        CausalLm model = TinyRuns.model();
        PsftTrainer.builder(model)
                .macroBatch(8)
                .miniBatch(2)
                .microBatch(1)
                .learningRate(3e-3)
                .schedule(LearningRateSchedule.COSINE)
                .sftWarmup(WarmupSchedule.steps(2))
                .maxSteps(STEPS)
                .checkpoints(CheckpointPolicy.every(1, directory))
                .resumeNewest()
                .listener(new TrainerListener() {
                    @Override
                    public void onStep(StepMetrics metrics) {
                        say(STEP + metrics.step());
                    }
                })
                .build()
                .fit(TinyRuns.demonstrations(26));
        float[] weights = TinyRuns.weights(model);
        ByteBuffer bytes = ByteBuffer.allocate(4 * weights.length);
        bytes.asFloatBuffer().put(weights);
        Files.write(weightsFile, bytes.array());
    }

    /**
     * Nothing but checkpoints and their removal changes anything in the run directory, apart from the lock and its own
     * making.
     */
    private static boolean isPartOfACheckpoint(FileOperation operation, Path run) {
        String path = operation.path().toString();
        boolean making = operation.kind() == FileOperation.Kind.CREATE_DIRECTORY && path.equals(run.toString());
        return operation.kind().changes()
                && path.startsWith(run.toString())
                && !making
                && !operation.path().endsWith(".lock");
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static void waitForTheEnd() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the writer of checkpoints", e);
        }
    }
}
