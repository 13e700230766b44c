package io.github.psft4j.train;

import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointWriteException;
import io.github.psft4j.train.checkpoint.Manifest;
import io.github.psft4j.train.column.ReferenceScores;
import io.github.psft4j.train.optimizer.AdamW;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MacroBatchSource;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a run puts into its checkpoints, and how it continues from one. Without a policy it writes none. */
final class RunCheckpoints implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunCheckpoints.class);

    private final CausalLm model;
    private final TrainerSettings settings;
    private final AdamW optimizer;
    private final MacroBatchSource source;
    private final ReferenceScores references;
    private Checkpointer writer; // null without a policy
    private Path resumedFrom; // null for a new run
    private String dataFingerprint; // null until it is needed: neither data nor reference change during a run
    private String referenceFingerprint; // null also without a reference

    RunCheckpoints(
            CausalLm model,
            TrainerSettings settings,
            AdamW optimizer,
            MacroBatchSource source,
            ReferenceScores references) {
        this.model = model;
        this.settings = settings;
        this.optimizer = optimizer;
        this.source = source;
        this.references = references;
    }

    /**
     * Where a run stands between two steps.
     *
     * @param counters all numbers that the next step depends on
     * @param macro the macro-batch at hand
     * @param last metrics of the last step, null before the first
     */
    record Progress(RunState counters, MacroBatch macro, StepMetrics last) {}

    /**
     * Gives model, optimizer and source the state of a checkpoint.
     *
     * @throws CheckpointException if it is damaged or was written by a run with other settings or data
     */
    Progress resume(Path checkpoint) {
        Manifest.read(checkpoint).verify(checkpoint);
        CheckpointFiles.State state = CheckpointFiles.readState(checkpoint);
        ResumeRules.compare(checkpoint, state.settings(), ResumeRules.describe(settings))
                .forEach(change -> LOG.warn("resumed with another setting than before: {}", change));
        fingerprints();
        ResumeRules.compareData(checkpoint, state.data(), dataFingerprint);
        ResumeRules.compareReference(checkpoint, state.reference(), referenceFingerprint);
        RunState at = state.run();
        MacroBatch macro = source.resume(at.step(), at.remaining());
        INDArray[] moments = optimizer.moments();
        CheckpointFiles.readArrays(checkpoint, model, moments[0], moments[1]).forEach(macro::share);
        optimizer.restore(at.adamSteps());
        resumedFrom = checkpoint;
        LOG.info("resumed after step {} from {}", at.step(), checkpoint);
        return new Progress(at, macro, null);
    }

    /** Begins to write, unless the policy is null. */
    RunCheckpoints open(CheckpointPolicy policy, int step) {
        writer = policy == null ? null : new Checkpointer(policy, model, resumedFrom, step);
        return this;
    }

    /** Called before every step: the first time, checkpoints of other branches are renamed. */
    void start() {
        if (writer != null) {
            writer.start();
        }
    }

    /** Takes a checkpoint, if one is due after this step. */
    void takeIfDue(int step, Supplier<Progress> progress) {
        if (writer != null && writer.isDue(step)) {
            take(progress.get());
        }
    }

    /**
     * Makes sure of the checkpoint of the last step.
     *
     * @throws CheckpointWriteException if it cannot be written
     */
    void last(int step, Supplier<Progress> progress) {
        if (writer != null) {
            writer.last(step, () -> take(progress.get()));
        }
    }

    private void take(Progress progress) {
        fingerprints();
        INDArray[] moments = optimizer.moments();
        writer.take(
                new CheckpointFiles.Vectors(model.graph().params(), moments[0], moments[1]),
                new CheckpointFiles.State(
                        progress.counters(), ResumeRules.describe(settings), dataFingerprint, referenceFingerprint),
                progress.macro().columns(),
                progress.last());
    }

    private void fingerprints() {
        if (dataFingerprint == null) {
            dataFingerprint = source.fingerprint();
            referenceFingerprint = references.fingerprint(settings.goal().objective());
        }
    }

    @Override
    public void close() {
        if (writer != null) {
            writer.close();
        }
    }
}
