package io.github.psft4j.train;

import io.github.psft4j.flight.CheckpointEvent;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.Column;
import io.github.psft4j.train.checkpoint.CheckpointCopies;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.train.checkpoint.CheckpointWriteException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the checkpoints of one run, during training if the policy says so. Weights and moments are copied, training
 * goes on, and a thread writes the copy. A failed write logs a warning, because the earlier checkpoints are whole;
 * several in a row end the run.
 */
final class Checkpointer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Checkpointer.class);

    private static final int LAST_ATTEMPTS = 2;

    private final CheckpointPolicy policy;
    private final CheckpointFiles.Models models;
    private final TensorOps ops;
    private final CheckpointStore store;
    private final CheckpointCopies copies; // null without
    private final ExecutorService writer;
    private CheckpointFiles.Vectors staged; // reused; only with an asynchronous policy
    private CompletableFuture<Void> pending; // null unless a write is under way
    private int failures;
    private UncheckedIOException lastFailure; // null after a write that succeeded
    private int lastStep; // that a checkpoint here was taken of, the one resumed from included; -1 for none
    private boolean started;

    /**
     * The run directory is locked by the caller.
     *
     * @param resumedFrom checkpoint that the run goes on from, null for a new run; it may lie elsewhere
     * @param step its step
     */
    Checkpointer(CheckpointPolicy policy, CheckpointFiles.Models models, Path resumedFrom, int step) {
        this.policy = policy;
        this.models = models;
        this.ops = TensorOpsFactory.forType(models.policy().graph().params().dataType());
        this.store = new CheckpointStore(policy.directory());
        this.copies = policy.copies() == null ? null : new CheckpointCopies(policy.directory(), policy.copies());
        this.lastStep = resumedFrom != null && store.holds(resumedFrom) ? step : -1;
        this.writer = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "psft-checkpoint");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Called before every step; the first call renames checkpoints of other branches. Otherwise new checkpoints would
     * count as older than those. They would be removed first, and {@link CheckpointStore#newestIntact} would not find
     * them.
     *
     * @throws UncheckedIOException if they cannot be renamed
     */
    void start() {
        if (!started) {
            store.setAsideAbove(lastStep);
            if (copies != null) {
                copies.begin(lastStep);
            }
            started = true;
        }
    }

    /** Whether a checkpoint is due after this step. */
    boolean isDue(int step) {
        return policy.everySteps() > 0 && step % policy.everySteps() == 0;
    }

    /**
     * Takes a checkpoint; with an asynchronous policy it is on disk some time later.
     *
     * @param live arrays of the run, which are not read after the return
     * @param columns of the current macro-batch, which do not change any more
     * @param source what the source keeps, null for nothing
     * @param metrics of the last step, null before the first
     * @throws CheckpointWriteException if too many writes in a row failed
     */
    void take(
            CheckpointFiles.Vectors live,
            CheckpointFiles.State state,
            Map<Column, Map<Integer, double[]>> columns,
            String source,
            StepMetrics metrics) {
        await();
        start();
        Double metric = metric(metrics);
        lastStep = state.run().step();
        if (!policy.asynchronous()) {
            // On a thread that nobody interrupts.
            pending = CompletableFuture.runAsync(() -> write(live, state, columns, source, metric), writer);
            await();
            return;
        }
        if (staged == null) {
            staged = live.like();
        }
        live.copyTo(staged, ops.vectors());
        pending = CompletableFuture.runAsync(() -> write(staged, state, columns, source, metric), writer);
    }

    /** Value by which the best checkpoint is chosen, null if there is none. */
    private Double metric(StepMetrics metrics) {
        if (policy.metric() == null || metrics == null) {
            return null;
        }
        double value = policy.metric().applyAsDouble(metrics);
        return Double.isNaN(value) ? null : value;
    }

    private void write(
            CheckpointFiles.Vectors vectors,
            CheckpointFiles.State state,
            Map<Column, Map<Integer, double[]>> columns,
            String source,
            Double metric) {
        int step = state.run().step();
        CheckpointEvent event = new CheckpointEvent();
        event.begin();
        Path written = store.write(
                step,
                metric,
                environment(),
                dir -> CheckpointFiles.write(dir, models, vectors, state, columns, source));
        event.step = step;
        event.commit();
        LOG.info("checkpoint {}", written);
        try {
            store.prune(policy.retention());
        } catch (UncheckedIOException e) {
            LOG.warn("{}; the next checkpoint tries again", e.getMessage());
        }
        if (copies != null) {
            copies.put(written, policy.retention());
        }
    }

    private Map<String, String> environment() {
        Map<String, String> out = new LinkedHashMap<>();
        out.put("java", Runtime.version().toString());
        out.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        out.put("kernels", ops.name());
        out.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        return out;
    }

    /**
     * Waits for the write that is under way. An interrupt ends the run, but not this.
     *
     * @throws CheckpointWriteException if too many writes in a row failed
     */
    void await() {
        if (pending == null) {
            return;
        }
        CompletableFuture<Void> write = pending;
        pending = null;
        try {
            write.join();
            failures = 0;
            lastFailure = null;
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException failure) {
                failed(failure);
                return;
            }
            throw e.getCause() instanceof RuntimeException failure
                    ? failure
                    : new CheckpointException("a checkpoint could not be written: " + e.getCause(), e.getCause());
        }
    }

    private void failed(UncheckedIOException failure) {
        failures++;
        lastFailure = failure;
        LOG.warn("{} ({} of {} failures in a row)", failure.getMessage(), failures, policy.maxFailures());
        if (failures >= policy.maxFailures()) {
            throw new CheckpointWriteException(
                    failures + " checkpoints in a row could not be written to " + policy.directory()
                            + ": free space or choose another run directory, then resume; " + failure.getMessage(),
                    failure);
        }
    }

    /**
     * Makes sure of the checkpoint of the last step, which no later one would replace. If its write failed, it is
     * written once more.
     *
     * @param take takes it
     * @throws CheckpointWriteException if that fails as well
     */
    void last(int step, Runnable take) {
        Runnable next = this::await;
        for (int attempt = 0; attempt <= LAST_ATTEMPTS; attempt++) {
            try {
                next.run();
                await();
            } catch (CheckpointWriteException e) {
                LOG.debug("the last checkpoint is tried nevertheless", e);
            }
            if (lastStep == step && lastFailure == null) {
                return;
            }
            next = take;
        }
        throw new CheckpointWriteException(
                "the checkpoint of the last step, " + step + ", could not be written to " + policy.directory()
                        + "; the model in memory has the weights of that step; " + lastFailure.getMessage(),
                lastFailure);
    }

    /** Waits for the last write in any case: the next owner of the lock would take it for a leftover. */
    @Override
    public void close() {
        try {
            await();
        } finally {
            writer.shutdown();
            if (copies != null) {
                copies.end();
            }
        }
    }
}
