package io.github.psft4j.train;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.NonFiniteLossException;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointWriteException;
import io.github.psft4j.train.checkpoint.Manifest;
import io.github.psft4j.train.optimizer.AdamW;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call of {@link PsftTrainer#fit}: the loop and what it carries from step to step. */
final class TrainingLoop {

    private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);

    private final CausalLm model;
    private final TrainerSettings settings;
    private final List<Demonstration> data;
    private final List<TrainerListener> listeners;
    private final TrainingPlan plan;
    private final RefreshWindow window;
    private final GradientPass pass;
    private final AdamW optimizer;
    private final BooleanSupplier stopRequested;
    private final ReferenceScores references;
    private Checkpointer checkpoints; // null without a checkpoint policy
    private StepMetrics last;
    private String dataFingerprint; // only with checkpoints
    private String referenceFingerprint; // only with checkpoints, null also without a reference
    private Path resumedFrom; // null for a new run
    private int resumedStep;
    private int step;
    private int skipped;
    private int skippedInARow;
    private long lastStepEnd;

    TrainingLoop(
            CausalLm model,
            TrainerSettings settings,
            List<Demonstration> data,
            List<TrainerListener> listeners,
            ReferenceScores references,
            BooleanSupplier stopRequested) {
        this.stopRequested = stopRequested;
        this.references = references;
        this.model = model;
        this.settings = settings;
        this.data = data;
        this.listeners = listeners;
        this.plan = plan(model, settings, data.size());
        this.window = new RefreshWindow(model, settings, data, plan);
        List<TokenListener> tokenListeners = listeners.stream()
                .filter(TokenListener.class::isInstance)
                .map(TokenListener.class::cast)
                .toList();
        this.pass = new GradientPass(model, settings, data, tokenListeners, references);
        INDArray weights = model.graph().params();
        this.optimizer = new AdamW(
                TensorOpsFactory.forType(weights.dataType()), settings.optimizer(), weights, model.parameterRanges());
    }

    private static TrainingPlan plan(CausalLm model, TrainerSettings settings, int n) {
        int stepsPerEpoch = DataOrder.stepsPerEpoch(
                n, settings.batch().macroBatch(), settings.batch().miniBatch());
        long wholeEpochs = (long) stepsPerEpoch * settings.train().epochs();
        if (settings.train().maxSteps() == 0 && wholeEpochs > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(settings.train().epochs() + " epochs of " + stepsPerEpoch
                    + " optimizer steps are more than " + Integer.MAX_VALUE + " steps; lower epochs or give maxSteps");
        }
        int totalSteps = settings.train().maxSteps() > 0 ? settings.train().maxSteps() : (int) wholeEpochs;
        double epochs = (double) totalSteps / stepsPerEpoch;
        int totalMacros = (int)
                Math.ceil(epochs * DataOrder.macrosPerEpoch(n, settings.batch().macroBatch()));
        return new TrainingPlan(
                settings.goal().objective().name(),
                totalSteps,
                stepsPerEpoch,
                settings.goal().sftWarmup().macroSteps(totalMacros),
                n,
                model.config().parameters());
    }

    /**
     * Continues from a checkpoint instead of from the start.
     *
     * @throws CheckpointException if it is damaged or was written by a run with other settings or data
     */
    void resume(Path checkpoint) {
        Manifest.read(checkpoint).verify(checkpoint);
        CheckpointFiles.State state = CheckpointFiles.readState(checkpoint);
        List<String> changed = ResumeRules.compare(checkpoint, state.settings(), ResumeRules.describe(settings));
        fingerprints();
        if (!state.data().equals(dataFingerprint)) {
            throw new CheckpointException(
                    checkpoint + " was written by a run on other data (tokens, loss masks or their"
                            + " order differ); resume with the data of that run, or start a new run from the model in it. A chat"
                            + " template that prints the date (strftime_now) makes other tokens every day, unless a cache keeps"
                            + " them (data.cache_dir)");
        }
        ResumeRules.compareReference(checkpoint, state.reference(), referenceFingerprint);
        changed.forEach(change -> LOG.warn("resumed with another setting than before: {}", change));
        INDArray[] moments = optimizer.moments();
        RunState at = state.run();
        window.restore(at, CheckpointFiles.readArrays(checkpoint, model, moments[0], moments[1]));
        optimizer.restore(at.adamSteps());
        step = at.step();
        resumedFrom = checkpoint;
        resumedStep = step;
        skipped = at.skipped();
        skippedInARow = at.skippedInARow();
        LOG.info("resumed after step {} from {}", step, checkpoint);
    }

    /**
     * Runs to the end; takes checkpoints if there is a policy, which may be null.
     *
     * @throws CheckpointWriteException if too many in a row, or the last one, could not be written
     */
    TrainingSummary run(CheckpointPolicy policy) {
        long start = System.nanoTime();
        tell(listener -> listener.onStart(plan.resumedAt(resumedStep)));
        CheckpointWriteException lastFailure;
        try (Checkpointer open = policy == null ? null : new Checkpointer(policy, model, resumedFrom, step)) {
            checkpoints = open;
            if (step == 0) {
                window.freezeFixedReference();
            }
            lastStepEnd = System.nanoTime();
            while (step < plan.totalSteps() && !stopRequested.getAsBoolean()) {
                if (checkpoints != null) {
                    checkpoints.start();
                }
                step(window.next(step));
                if (checkpoints != null && checkpoints.isDue(step) && step < plan.totalSteps()) {
                    checkpoint();
                }
            }
            lastFailure = lastCheckpoint();
        }
        boolean stopped = step < plan.totalSteps();
        TrainingSummary summary = new TrainingSummary(step, skipped, last, (System.nanoTime() - start) / 1e9, stopped);
        tell(listener -> listener.onEnd(summary));
        if (lastFailure != null) {
            throw lastFailure;
        }
        return summary;
    }

    /** The failure is kept until the listeners know that training is over; null if there is none. */
    private CheckpointWriteException lastCheckpoint() {
        try {
            if (checkpoints != null) {
                checkpoints.last(step, this::checkpoint);
            }
            return null;
        } catch (CheckpointWriteException e) {
            return e;
        }
    }

    private void checkpoint() {
        fingerprints();
        INDArray[] moments = optimizer.moments();
        RunState at =
                new RunState(step, window.drawn(), window.remaining(), optimizer.applied(), skipped, skippedInARow);
        checkpoints.take(
                new CheckpointFiles.Vectors(model.graph().params(), moments[0], moments[1]),
                new CheckpointFiles.State(at, ResumeRules.describe(settings), dataFingerprint, referenceFingerprint),
                window.frozen(),
                last);
    }

    /** Neither data nor reference change during a run: once is enough. */
    private void fingerprints() {
        if (dataFingerprint == null) {
            dataFingerprint = DataFingerprint.of(data);
            referenceFingerprint = references.fingerprint(settings.goal().objective());
        }
    }

    private void step(DataOrder.MiniBatch batch) {
        step++;
        TokenObjective objective = window.objective(batch);
        double lr = settings.optimizer().learningRate() * settings.schedule().factor(step, plan.totalSteps());
        LossReport report = LossReport.UNMEASURED;
        double norm = Double.NaN;
        String problem;
        try {
            report = pass.run(batch.indices(), objective, window.old(objective), step);
            norm = optimizer.step(model.graph().params(), pass.gradient(), lr);
            problem = Double.isFinite(norm) ? null : "the gradient norm is " + norm;
        } catch (NonFiniteLossException e) {
            problem = e.getMessage();
        }
        if (report.tokens() == 0) {
            report = LossReport.UNMEASURED; // means over no token: a 0 would be the best NLL of all
        }
        TrainingDivergedException diverged = count(problem);
        long now = System.nanoTime();
        double tokensPerSecond = tokens(batch) / ((now - lastStepEnd) / 1e9);
        last = StepMetrics.of(batch, step, objective.name(), report, norm, lr, tokensPerSecond, skipped);
        if (diverged != null) {
            throw ended(diverged);
        }
        tell(listener -> listener.onStep(last));
        lastStepEnd = System.nanoTime();
    }

    /** Counts a step, skipped for a reason (null: it was not); the error to end the run with, null if it goes on. */
    private TrainingDivergedException count(String problem) {
        if (problem == null) {
            skippedInARow = 0;
            return null;
        }
        skipped++;
        skippedInARow++;
        LOG.warn("step {} is skipped, weights unchanged: {}", step, problem);
        return skippedInARow < settings.train().maxSkippedInARow()
                ? null
                : new TrainingDivergedException(skippedInARow, step, problem);
    }

    /** Records the last step and takes an emergency checkpoint; what fails of that is told beside the divergence, not instead. */
    private TrainingDivergedException ended(TrainingDivergedException diverged) {
        beside(diverged, () -> tell(listener -> listener.onStep(last)));
        if (checkpoints != null) {
            beside(diverged, () -> checkpoints.last(step, this::checkpoint));
        }
        return diverged;
    }

    private static void beside(TrainingDivergedException diverged, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            diverged.addSuppressed(e);
        }
    }

    private void tell(Consumer<TrainerListener> event) {
        for (TrainerListener listener : listeners) {
            stopRequested
                    .getAsBoolean(); // takes an interrupt off the thread, which would close the files of the listener
            event.accept(listener);
        }
    }

    private long tokens(DataOrder.MiniBatch batch) {
        long n = 0;
        for (int i : batch.indices()) {
            n += data.get(i).length() - 1;
        }
        return n;
    }
}
