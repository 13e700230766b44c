package io.github.psft4j.train;

import io.github.psft4j.data.Demonstration;
import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.kernel.TensorOpsFactory;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.NonFiniteLossException;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointWriteException;
import io.github.psft4j.train.checkpoint.Manifest;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call of {@link PsftTrainer#fit}: the loop and what it carries from step to step. */
final class TrainingRun {

    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

    private final CausalLm model;
    private final TrainerSettings settings;
    private final List<Demonstration> data;
    private final List<TrainerListener> listeners;
    private final TrainingPlan plan;
    private final DataStream stream;
    private final OldLogProbs old;
    private final GradientPass pass;
    private final AdamW optimizer;
    private final Deque<DataStream.MiniBatch> window = new ArrayDeque<>();
    private final BooleanSupplier stopRequested;
    private final References references;
    private Checkpointer checkpoints; // null without a checkpoint policy
    private StepMetrics last;
    private String dataFingerprint; // only with checkpoints
    private String referenceFingerprint; // only with checkpoints, null also without a reference
    private int resumedStep;
    private int step;
    private int skipped;
    private int skippedInARow;
    private long lastStepEnd;

    TrainingRun(
            CausalLm model,
            TrainerSettings settings,
            List<Demonstration> data,
            List<TrainerListener> listeners,
            References references,
            BooleanSupplier stopRequested) {
        this.stopRequested = stopRequested;
        this.references = references;
        this.model = model;
        this.settings = settings;
        this.data = data;
        this.listeners = listeners;
        this.plan = plan(model, settings, data.size());
        this.stream = new DataStream(
                data.size(),
                settings.macroBatch(),
                settings.miniBatch(),
                settings.shuffle(),
                settings.seed(),
                settings.objective().scope() == Scope.PAIR ? 2 : 1);
        this.old = new OldLogProbs(model, settings, data);
        List<TokenListener> tokenListeners = listeners.stream()
                .filter(TokenListener.class::isInstance)
                .map(TokenListener.class::cast)
                .toList();
        this.pass = new GradientPass(model, settings, data, tokenListeners, references);
        INDArray weights = model.graph().params();
        this.optimizer =
                new AdamW(TensorOpsFactory.forType(weights.dataType()), settings, weights, model.parameterRanges());
    }

    private static TrainingPlan plan(CausalLm model, TrainerSettings settings, int n) {
        int stepsPerEpoch = DataStream.stepsPerEpoch(n, settings.macroBatch(), settings.miniBatch());
        int totalSteps =
                settings.maxSteps() > 0 ? settings.maxSteps() : Math.multiplyExact(stepsPerEpoch, settings.epochs());
        double epochs = (double) totalSteps / stepsPerEpoch;
        int totalMacros = (int) Math.ceil(epochs * DataStream.macrosPerEpoch(n, settings.macroBatch()));
        return new TrainingPlan(
                settings.objective().name(),
                totalSteps,
                stepsPerEpoch,
                settings.sftWarmup().macroSteps(totalMacros),
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
                            + " order differ); resume with the data of that run, or start a new run from the model in it");
        }
        ResumeRules.compareReference(checkpoint, state.reference(), referenceFingerprint);
        changed.forEach(change -> LOG.warn("resumed with another setting than before: {}", change));
        INDArray[] moments = optimizer.moments();
        old.restore(CheckpointFiles.readArrays(checkpoint, model, moments[0], moments[1]));
        RunState at = state.run();
        optimizer.restore(at.adamSteps());
        step = at.step();
        resumedStep = step;
        skipped = at.skipped();
        skippedInARow = at.skippedInARow();
        stream.skip(at.drawn() - at.remaining());
        for (int i = 0; i < at.remaining(); i++) {
            window.add(stream.next());
        }
        LOG.info("resumed after step {} from {}", step, checkpoint);
    }

    /**
     * Runs to the end; takes checkpoints if there is a policy, which may be null.
     *
     * @throws CheckpointWriteException if too many in a row, or the last one, could not be written
     */
    TrainingSummary run(CheckpointPolicy policy) {
        long start = System.nanoTime();
        listeners.forEach(listener -> listener.onStart(plan.resumedAt(resumedStep)));
        CheckpointWriteException lastFailure;
        try (Checkpointer open = policy == null ? null : new Checkpointer(policy, model)) {
            checkpoints = open;
            if (step == 0 && settings.refresh().isNever() && needsOld(settings.objective())) {
                old.freeze(IntStream.range(0, data.size()).toArray());
            }
            lastStepEnd = System.nanoTime();
            while (step < plan.totalSteps() && !stopRequested.getAsBoolean()) {
                if (window.isEmpty()) {
                    window.addAll(refreshedWindow());
                }
                last = step(window.removeFirst());
                if (checkpoints != null && checkpoints.isDue(step) && step < plan.totalSteps()) {
                    checkpoint();
                }
            }
            lastFailure = lastCheckpoint();
        }
        boolean stopped = step < plan.totalSteps();
        TrainingSummary summary = new TrainingSummary(step, skipped, last, (System.nanoTime() - start) / 1e9, stopped);
        listeners.forEach(listener -> listener.onEnd(summary));
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
        int[] frozen = settings.refresh().isNever()
                ? IntStream.range(0, data.size()).toArray()
                : window.stream().flatMapToInt(b -> Arrays.stream(b.indices())).toArray();
        RunState at = new RunState(step, stream.drawn(), window.size(), optimizer.applied(), skipped, skippedInARow);
        checkpoints.take(
                new CheckpointFiles.Vectors(model.graph().params(), moments[0], moments[1]),
                new CheckpointFiles.State(at, ResumeRules.describe(settings), dataFingerprint, referenceFingerprint),
                old.frozen(frozen),
                last);
    }

    /** Neither data nor reference change during a run: once is enough. */
    private void fingerprints() {
        if (dataFingerprint == null) {
            dataFingerprint = DataFingerprint.of(data);
            referenceFingerprint = references.fingerprint(settings.objective());
        }
    }

    /** The mini-batches up to the next refresh, with pi_old taken for those that will need it. */
    private List<DataStream.MiniBatch> refreshedWindow() {
        RefreshSchedule refresh = settings.refresh();
        int remaining = plan.totalSteps() - step;
        List<DataStream.MiniBatch> drawn = new ArrayList<>();
        boolean full;
        do {
            drawn.add(stream.next());
            full = refresh.isEveryMacroBatch() ? stream.atMacroStart() : drawn.size() >= refresh.steps();
        } while (!full && drawn.size() < remaining);
        if (refresh.isNever()) {
            return drawn;
        }
        old.beginWindow();
        for (int i = 1; i < drawn.size(); i++) { // no weight changes before the first one is trained: r = 1
            if (needsOld(objective(drawn.get(i)))) {
                old.freeze(drawn.get(i).indices());
            }
        }
        return drawn;
    }

    private TokenObjective objective(DataStream.MiniBatch batch) {
        return batch.macroStep() <= plan.warmupMacroSteps() ? new SftObjective() : settings.objective();
    }

    private static boolean needsOld(TokenObjective objective) {
        return objective.columns().contains(Column.OLD_LOG_PROB);
    }

    private StepMetrics step(DataStream.MiniBatch batch) {
        step++;
        TokenObjective objective = objective(batch);
        double lr =
                settings.learningRate() * settings.schedule().factor(step, settings.warmupSteps(), plan.totalSteps());
        LossReport report = LossReport.EMPTY;
        double norm = Double.NaN;
        String problem;
        try {
            report = pass.run(batch.indices(), objective, needsOld(objective) ? old : null, step);
            norm = optimizer.step(model.graph().params(), pass.gradient(), lr);
            problem = Double.isFinite(norm) ? null : "the gradient norm is " + norm;
        } catch (NonFiniteLossException e) {
            problem = e.getMessage();
        }
        count(problem);
        long now = System.nanoTime();
        double tokensPerSecond = tokens(batch) / ((now - lastStepEnd) / 1e9);
        StepMetrics metrics = StepMetrics.of(batch, step, objective.name(), report, norm, lr, tokensPerSecond, skipped);
        listeners.forEach(listener -> listener.onStep(metrics));
        lastStepEnd = System.nanoTime();
        return metrics;
    }

    private void count(String problem) {
        if (problem == null) {
            skippedInARow = 0;
            return;
        }
        skipped++;
        skippedInARow++;
        LOG.warn("step {} is skipped, weights unchanged: {}", step, problem);
        if (skippedInARow >= settings.maxSkippedInARow()) {
            if (checkpoints != null) {
                checkpoint();
            }
            throw new TrainingDivergedException(skippedInARow, step, problem);
        }
    }

    private long tokens(DataStream.MiniBatch batch) {
        long n = 0;
        for (int i : batch.indices()) {
            n += data.get(i).length() - 1;
        }
        return n;
    }
}
