package io.github.psft4j.train;

import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.flight.SnapshotEvent;
import io.github.psft4j.flight.StepEvent;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.NonFiniteLossException;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.WeightedObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.policy.LocalScores;
import io.github.psft4j.policy.SliceScores;
import io.github.psft4j.train.checkpoint.CheckpointException;
import io.github.psft4j.train.checkpoint.CheckpointWriteException;
import io.github.psft4j.train.checkpoint.Manifest;
import io.github.psft4j.train.column.ColumnFiller;
import io.github.psft4j.train.column.ReferenceScores;
import io.github.psft4j.train.memory.StepWorkspaces;
import io.github.psft4j.train.optimizer.AdamW;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.train.slice.SliceWorkers;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MacroBatchSource;
import io.github.psft4j.train.source.MiniBatch;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call of {@link PsftTrainer#fit}: the loop and what it carries from step to step. */
final class TrainingLoop {

    private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);

    private final CausalLm model;
    private final TrainerSettings settings;
    private final StepWorkspaces workspaces; // null: none of its own
    private final MacroBatchSource source;
    private final List<ColumnFiller> fillers;
    private final TrainingPlan plan;
    private final GradientPass gradient;
    private final AdamW optimizer;
    private final Critic critic; // with a trunk of its own; null without
    private final ListenerGroup listeners;
    private final ReferenceScores references;
    private final Outcome outcome;
    private Map<String, String> described; // null until it is asked for
    private Checkpointer checkpoints; // null without a policy
    private Path resumedFrom; // null for a new run
    private MacroBatch macro = new MacroBatch(List.of());
    private StepMetrics last;
    private int step;
    private int skipped;
    private int skippedInARow;
    private long lastStepEnd;
    private String reason; // of the listener that ends the run, null while none does

    TrainingLoop(
            CausalLm model,
            TrainerSettings settings,
            MacroBatchSource source,
            ReferenceScores references,
            ListenerGroup listeners,
            Critic.Given critic,
            SliceWorkers workers,
            StepWorkspaces workspaces) {
        this.model = model;
        this.workspaces = workspaces;
        this.settings = settings;
        this.source = source;
        this.listeners = listeners;
        this.references = references;
        this.plan = TrainingPlan.of(model, settings, source);
        MicroBatches micro = TrainingPlan.microBatches(settings, sharesPrompts());
        this.critic = critic == null ? null : new Critic(critic, settings, micro);
        CausalLm valued = critic == null ? model : critic.model();
        SliceScores scores = workers == null ? new LocalScores() : workers;
        this.fillers = Fillers.of(settings, source, references, micro, valued, this::objective, scores);
        this.gradient = new GradientPass(
                model, settings, micro, references, listeners.ofTokens(), source.temperature(), workers);
        INDArray weights = model.graph().params();
        this.outcome = new Outcome(weights);
        this.optimizer = new AdamW(
                TensorOpsFactory.forType(weights.dataType()),
                settings.optimizer(),
                weights,
                model.parameterRanges(),
                settings.order().seed());
    }

    /** Whether samples of a prompt share its rows. They do not where each has noise of its own. */
    private boolean sharesPrompts() {
        boolean dropout = LoraModels.settings(model).map(LoraConfig::dropout).orElse(0.0) > 0;
        return source.sharesPrompts() && settings.train().neftuneAlpha() == 0 && !dropout;
    }

    /**
     * Continues from a checkpoint instead of from the start.
     *
     * @throws CheckpointException if it is damaged or was written by a run with other settings or data
     */
    void resume(Path checkpoint) {
        Manifest.read(checkpoint).verify(checkpoint);
        CheckpointFiles.State state = CheckpointFiles.readState(checkpoint);
        ResumeRules.check(checkpoint, state, state());
        RunState at = state.run();
        macro = source.resume(at.step(), at.remaining(), CheckpointFiles.readSource(checkpoint));
        macro.columns().putAll(CheckpointFiles.readArrays(checkpoint, models(), vectors()));
        fill();
        optimizer.restore(at.adamSteps());
        if (critic != null) {
            critic.restore(at.adamSteps());
        }
        resumedFrom = checkpoint;
        step = at.step();
        skipped = at.skipped();
        skippedInARow = at.skippedInARow();
        LOG.info("resumed after step {} from {}", step, checkpoint);
    }

    private CheckpointFiles.State state() {
        int left = macro.miniBatches().size();
        return new CheckpointFiles.State(
                new RunState(step, step + left, left, optimizer.applied(), skipped, skippedInARow),
                described(),
                source.fingerprint(),
                references.fingerprint(settings.goal().objective(), source));
    }

    /** The settings, and what an adapter is trained on. */
    private Map<String, String> described() {
        if (described == null) {
            described = ResumeRules.describe(settings, models());
        }
        return described;
    }

    private void fill() {
        SnapshotEvent event = new SnapshotEvent();
        event.begin();
        fillers.forEach(filler -> filler.fill(macro, model));
        event.step = step;
        event.commit();
        source.complete(macro);
    }

    private CheckpointFiles.Models models() {
        return new CheckpointFiles.Models(model, critic == null ? null : critic.model());
    }

    private CheckpointFiles.Vectors vectors() {
        INDArray[] moments = optimizer.moments();
        return new CheckpointFiles.Vectors(
                model.graph().params(), moments[0], moments[1], critic == null ? null : critic.vectors());
    }

    private void checkpoint() {
        checkpoints.take(vectors(), state(), macro.columns(), source.state(), last);
    }

    /**
     * Runs to the end.
     *
     * @param policy when checkpoints are written, null for never
     * @param stop whether to end after the current step
     * @throws CheckpointWriteException if too many in a row, or the last one, could not be written
     * @throws VoidRunException if the run came to its end and trained nothing
     */
    TrainingSummary run(CheckpointPolicy policy, BooleanSupplier stop) {
        long start = System.nanoTime();
        listeners.tell(listener -> listener.onStart(plan.resumedAt(step)));
        CheckpointWriteException lastFailure;
        VoidRunException worthless;
        try (Checkpointer open = policy == null ? null : new Checkpointer(policy, models(), resumedFrom, step)) {
            checkpoints = open;
            lastStepEnd = System.nanoTime();
            reason = listeners.stopReason().orElse(null);
            while (step < plan.totalSteps() && reason == null && !stop.getAsBoolean()) {
                if (checkpoints != null) {
                    checkpoints.start();
                }
                if (macro.miniBatches().isEmpty()) {
                    macro = next();
                    fill();
                }
                step(macro.miniBatches().remove());
                if (checkpoints != null && checkpoints.isDue(step) && step < plan.totalSteps()) {
                    checkpoint();
                }
                reason = listeners.stopReason().orElse(null);
            }
            boolean stopped = step < plan.totalSteps();
            worthless = outcome.verdict(
                    step, optimizer.applied(), stopped, settings.optimizer().learningRate());
            // Without one, a resume goes on from the last checkpoint that is worth something.
            lastFailure = worthless == null || worthless.isModelUsable() ? lastCheckpoint() : null;
        }
        if (worthless != null) {
            if (lastFailure != null) {
                worthless.addSuppressed(lastFailure);
            }
            throw worthless;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        TrainingSummary summary = new TrainingSummary(step, skipped, last, seconds, step < plan.totalSteps(), reason);
        listeners.tell(listener -> listener.onEnd(summary));
        if (lastFailure != null) {
            throw lastFailure;
        }
        return summary;
    }

    /** The next macro-batch; samples are drawn without the memory of training steps. */
    private MacroBatch next() {
        boolean apart = workspaces != null && source.samples();
        if (apart) {
            workspaces.close();
        }
        MacroBatch drawn = source.next(model, plan.totalSteps() - step);
        if (apart) {
            workspaces.make();
        }
        return drawn;
    }

    /** Gradient, clipping, AdamW; a loss or gradient that is not finite skips the step. */
    private void step(MiniBatch mini) {
        step++;
        StepEvent event = new StepEvent();
        event.begin();
        TokenObjective objective = objective(mini);
        double lr = settings.optimizer().learningRate() * settings.schedule().factor(step, plan.totalSteps());
        LossReport report = LossReport.UNMEASURED;
        double norm = Double.NaN;
        Map<String, Double> measured = new LinkedHashMap<>();
        String problem;
        try {
            boolean weighted = macro.columns().containsKey(Column.WEIGHT);
            Map<String, Double> ofCritic = critic == null ? Map.of() : critic.gradient(mini, macro, step);
            report = gradient.of(mini, macro, weighted ? new WeightedObjective(objective) : objective, step);
            norm = update(report.tokens(), lr);
            measured.putAll(ofCritic);
            measured.putAll(gradient.measures());
            problem = Double.isFinite(norm) ? null : "the gradient norm is " + norm;
        } catch (NonFiniteLossException e) {
            problem = e.getMessage();
        }
        event.step = step;
        event.tokens = mini.tokens();
        event.commit();
        outcome.add(report, norm, problem);
        if (report.tokens() == 0) {
            report = LossReport.UNMEASURED; // means over no token: a 0 would be the best NLL of all
        }
        TrainingDivergedException diverged = count(problem);
        double tokensPerSecond = mini.tokens() / ((System.nanoTime() - lastStepEnd) / 1e9);
        StepMetrics.Position at = new StepMetrics.Position(step, mini.macroStep(), mini.epoch());
        measured.putAll(macro.measures());
        last = new StepMetrics(at, objective.name(), report, norm, lr, tokensPerSecond, skipped, measured);
        if (diverged != null) {
            throw ended(diverged);
        }
        listeners.tell(listener -> listener.onStep(last));
        lastStepEnd = System.nanoTime();
    }

    /**
     * Changes the weights by the gradients at hand. A mini-batch without a trained token has none, and changes neither
     * weights nor moments: it says nothing, so momentum and decay do not act on its behalf.
     *
     * @return norm of the policy's gradient before clipping
     */
    private double update(long tokens, double lr) {
        if (tokens == 0) {
            LOG.info("step {} has no trained token; it changes nothing", step);
            return 0;
        }
        double norm = optimizer.step(model.graph().params(), gradient.gradient(), lr);
        if (critic != null && Double.isFinite(norm)) {
            critic.step(lr);
        }
        return norm;
    }

    /** What a mini-batch is trained with: plain SFT during the warm-up. */
    private TokenObjective objective(MiniBatch mini) {
        return mini.macroStep() <= plan.warmupMacroSteps()
                ? new SftObjective()
                : settings.goal().objective();
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

    /** The failure is kept until the listeners know that training is over; null if there is none. */
    private CheckpointWriteException lastCheckpoint() {
        try {
            takeLast();
            return null;
        } catch (CheckpointWriteException e) {
            return e;
        }
    }

    private void takeLast() {
        if (checkpoints != null) {
            checkpoints.last(step, this::checkpoint);
        }
    }

    /** Records the last step and takes an emergency checkpoint; failures of these are added as suppressed. */
    private TrainingDivergedException ended(TrainingDivergedException diverged) {
        suppressing(diverged, () -> listeners.tell(listener -> listener.onStep(last)));
        suppressing(diverged, this::takeLast);
        return diverged;
    }

    private static void suppressing(TrainingDivergedException diverged, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            diverged.addSuppressed(e);
        }
    }
}
