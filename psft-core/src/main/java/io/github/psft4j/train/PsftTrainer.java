package io.github.psft4j.train;

import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.kernel.Products;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.GenerationModels;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.policy.LocalScores;
import io.github.psft4j.train.checkpoint.RunLock;
import io.github.psft4j.train.column.ReferenceModel;
import io.github.psft4j.train.column.ReferenceScores;
import io.github.psft4j.train.memory.MemoryAdvice;
import io.github.psft4j.train.memory.MemoryPlan;
import io.github.psft4j.train.memory.ModelNumbers;
import io.github.psft4j.train.memory.RunNumbers;
import io.github.psft4j.train.memory.StepWorkspaces;
import io.github.psft4j.train.memory.TrainingMemoryException;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.train.slice.SliceWorkers;
import io.github.psft4j.train.source.MacroBatchSource;
import io.github.psft4j.train.source.UnpairedAnswers;
import io.github.psft4j.transformer.BlockForward.Room;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.DecoderWeights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fine-tunes a {@link CausalLm} on demonstrations, or on any other source of macro-batches.
 *
 * <p>Every method is a source of macro-batches plus a token objective. SFT is PSFT with an objective that takes no old
 * log-probs, and PSFT with one mini-batch per macro-batch is SFT to the last bit of the gradient. The loop is
 * {@link TrainingLoop#run}.
 */
public final class PsftTrainer {

    private static final Logger LOG = LoggerFactory.getLogger(PsftTrainer.class);

    /** Models that are being trained now; each counts as itself, because CausalLm has no equals of its own. */
    private static final Set<CausalLm> TRAINING = ConcurrentHashMap.newKeySet();

    private final CausalLm model;
    private final TrainerSettings settings;
    private final List<TrainerListener> listeners;
    private final CausalLm reference; // null without one
    private final Path referenceCache; // null without one
    private final Persistence persistence;
    private final Critic.Given critic; // with a trunk of its own; null without
    private final SliceWorkers workers; // null: this process computes
    private volatile boolean stopRequested;

    PsftTrainer(
            CausalLm model,
            TrainerSettings settings,
            List<TrainerListener> listeners,
            CausalLm reference,
            Path referenceCache,
            Persistence persistence,
            Critic.Given critic,
            SliceWorkers workers) {
        TrainingChecks.critic(model, settings, critic);
        TrainingChecks.workers(model, settings, critic, workers);
        ReferenceScores.check(settings.goal().objective(), model, reference);
        TrainingChecks.scope(settings);
        this.model = model;
        this.settings = settings;
        this.listeners = List.copyOf(listeners);
        this.reference = reference;
        this.referenceCache = referenceCache;
        this.persistence = persistence;
        this.critic = critic;
        this.workers = workers;
    }

    /** A builder with the paper's defaults. */
    public static TrainerBuilder builder(CausalLm model) {
        return new TrainerBuilder(model);
    }

    /** The settings of this trainer. */
    public TrainerSettings settings() {
        return settings;
    }

    /**
     * Trains the model in place on demonstrations, in the order and the batches of the settings. A
     * {@link DemonstrationSet} stays in its file; another list is copied. An objective on pairs takes them as chosen
     * and rejected answers in turn, KTO as {@link UnpairedAnswers}. See {@link #fit(MacroBatchSource)}.
     *
     * @throws IllegalArgumentException if the rows of a set are of another kind than the objective trains
     */
    public TrainingSummary fit(List<Demonstration> demonstrations) {
        return fit(Sources.of(demonstrations, settings));
    }

    /**
     * Trains the model in place.
     *
     * <p>An interrupt of the calling thread, such as by {@code Future.cancel(true)}, ends the run as
     * {@link #requestStop} does. The run finishes its step, writes the last checkpoint and records everything. The
     * thread is interrupted again when this returns.
     *
     * <p>With checkpoints the run directory is locked before the first listener is called, and until all of them are
     * closed.
     *
     * @throws IllegalArgumentException if a sequence does not fit the model, nobody fills a label column that the
     *     objective needs, or the precision is not possible on this machine. The message names it
     * @throws TrainingDivergedException if too many steps in a row had to be skipped
     * @throws VoidRunException if the run came to its end and trained nothing, or its last loss is not finite
     * @throws java.io.UncheckedIOException if checkpoints of another run, or of a branch that was left, cannot be set
     *     aside
     * @throws TrainingMemoryException if the arrays of the run cannot fit the machine, before anything is changed; or
     *     if memory ran out, on or off the Java heap
     * @throws IllegalStateException if another call of fit is training this model now
     * @throws io.github.psft4j.train.checkpoint.CheckpointWriteException if too many checkpoints in a row could not be
     *     written, or the one of the last step: the model then has the trained weights
     * @throws io.github.psft4j.train.checkpoint.CheckpointException if another trainer writes to the run directory, or
     *     what the run is to be resumed from cannot be used
     */
    public TrainingSummary fit(MacroBatchSource source) {
        ReferenceScores.check(source, model, reference);
        TrainingChecks.sequences(source.sequences(), settings, model);
        MemoryPlan plan = memory(source.longestSequence()).chosen();
        if (workers == null) {
            plan.require();
        }
        if (!TRAINING.add(model)) {
            throw new IllegalStateException("this model is being trained by another call of fit; a CausalLm serves one"
                    + " thread at a time: wait for it, or load the model once more");
        }
        try {
            return exclusive(source, plan);
        } finally {
            TRAINING.remove(model);
        }
    }

    /** What the adapters of a block need, under the dropout that they are trained with. */
    private Room room() {
        Room room = Room.of(DecoderWeights.of(model.graph(), model.config()).blocks());
        boolean dropout = LoraModels.settings(model).map(LoraConfig::dropout).orElse(0.0) > 0;
        return dropout ? room.underDropout(model.config()) : room;
    }

    private MemoryPlan memory(int longest) {
        ModelNumbers numbers = ModelNumbers.of(
                        model.config(), model.graph().params().dataType().width(), settings.precision())
                .withReference(reference == null ? 0 : reference.config().parameters())
                .withCritic(critic == null ? 0 : critic.model().trainedParameters())
                .withAdapter(LoraModels.settings(model).isPresent() ? model.trainedParameters() : 0, room())
                .withFrozenWidth(DecoderGraph.weights(model.graph(), 0)
                        .qkv()
                        .weight()
                        .dataType()
                        .width());
        return MemoryPlan.of(
                numbers,
                new RunNumbers(
                        settings.batch(),
                        settings.train(),
                        settings.optimizer(),
                        longest,
                        persistence.checkpoints() != null
                                && persistence.checkpoints().asynchronous(),
                        RunNumbers.scored(settings.goal().objective(), settings.batch()),
                        RunNumbers.together(settings.goal().objective(), settings.batch())));
    }

    private TrainingSummary exclusive(MacroBatchSource source, MemoryPlan plan) {
        GenerationModels.requireTrainable(model);
        model.setPrecision(settings.precision());
        boolean recompute = plan.run().train().recompute() == Training.Recompute.BLOCKS;
        if (settings.train().recompute() == Training.Recompute.AUTO) {
            LOG.info(
                    "train.recompute: auto is {}; {}",
                    recompute ? "blocks, because the machine is too small for none" : "none, which fits",
                    plan.line());
        }
        DecoderGraph.setRecompute(model.graph(), recompute);
        Products products = DecoderGraph.ops(model.graph()).products();
        products.holdAtMost(plan.heldCopies());
        TokenLoss before = model.loss();
        // Packed rows are fewer than sequences; of how many, only the batches will tell.
        boolean known = workers == null
                && plan.run().longest() > 1
                && plan.fits()
                && settings.batch().packing() == 0;
        try (StepWorkspaces workspaces = known ? StepWorkspaces.reserve(plan.step()) : null;
                Interrupts interrupts = new Interrupts();
                RunLock lock = persistence.lock()) {
            return run(source, interrupts, workspaces);
        } catch (OutOfMemoryError | RuntimeException e) {
            OutOfMemoryError memory = MemoryAdvice.find(e).orElse(null);
            if (memory == null) {
                throw e;
            }
            throw new TrainingMemoryException(MemoryAdvice.of(memory) + MemoryAdvice.less(settings, plan), e);
        } finally {
            DecoderGraph.setRecompute(model.graph(), false);
            products.holdAtMost(Long.MAX_VALUE);
            model.setLoss(before);
        }
    }

    /** What the objective compares with, null if there is nothing. */
    private ReferenceModel reference() {
        if (reference != null) {
            return ReferenceModel.of(reference);
        }
        ReferenceModel inside = ReferenceModel.inside(model);
        return inside == null && ReferenceScores.isServedByStart(settings.goal().objective())
                ? ReferenceModel.atStart(model)
                : inside;
    }

    /** The run, after which every listener is closed. */
    private TrainingSummary run(MacroBatchSource source, Interrupts interrupts, StepWorkspaces workspaces) {
        source.sampleBy(workers == null ? CausalLm::sample : workers);
        List<TrainerListener> all = new ArrayList<>();
        if (source instanceof TrainerListener own) {
            all.add(own); // first, so that what it measures of a step is known to the others
        }
        all.addAll(listeners);
        ListenerGroup group = new ListenerGroup(all, interrupts);
        Throwable ended = null;
        try {
            ReferenceScores references = new ReferenceScores(
                    reference(),
                    referenceCache,
                    source.sequences(),
                    settings.batch().microBatch(),
                    source.temperature(),
                    workers == null ? new LocalScores() : workers);
            references.start(settings.goal().objective());
            if (ReferenceScores.needed(settings.goal().objective())) {
                group.tell(listener -> {
                    if (listener instanceof ReferenceListener comparing) {
                        comparing.onReference(references::of);
                    }
                });
            }
            if (workers != null) {
                group.tell(listener -> {
                    if (listener instanceof WorkersListener evaluating) {
                        evaluating.onWorkers(workers);
                    }
                });
            }
            TrainingLoop loop =
                    new TrainingLoop(model, settings, source, references, group, critic, workers, workspaces);
            if (persistence.resumeFrom() != null) {
                loop.resume(persistence.resumeFrom());
            }
            return loop.run(persistence.checkpoints(), () -> interrupts.requested() || stopRequested);
        } catch (RuntimeException | Error e) {
            ended = e;
            throw e;
        } finally {
            group.close(ended);
        }
    }

    /**
     * Ends {@link #fit} after the step that it is in, with a checkpoint if there is a policy. Any thread may call it,
     * such as a shutdown hook. Later calls of fit end at once as well.
     */
    public void requestStop() {
        stopRequested = true;
    }
}
