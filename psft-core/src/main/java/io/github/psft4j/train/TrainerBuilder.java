package io.github.psft4j.train;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.ValueObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.ValueHeads;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.train.checkpoint.RunLock;
import io.github.psft4j.train.optimizer.Betas;
import io.github.psft4j.train.optimizer.DecayScope;
import io.github.psft4j.train.optimizer.LearningRateSchedule;
import io.github.psft4j.train.optimizer.Moments;
import io.github.psft4j.train.optimizer.Optimizer;
import io.github.psft4j.train.optimizer.Schedule;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.Goal;
import io.github.psft4j.train.settings.Order;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.train.slice.SliceWorkers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Settings of a {@link PsftTrainer}, all optional; the defaults are the paper's recipe (zwhong714/PSFT at 569b1ba). */
public final class TrainerBuilder {

    private final CausalLm model;
    private final List<TrainerListener> listeners = new ArrayList<>();
    private final Map<String, Object> values = new HashMap<>(); // what was given, by component of the records
    private TokenObjective objective = new PsftObjective();
    private Aggregation aggregation; // null: the objective's own
    private WarmupSchedule sftWarmup = WarmupSchedule.none();
    private RefreshSchedule refresh = RefreshSchedule.everyMacroBatch();
    private boolean shuffle = true;
    private long seed = 42;
    private CausalLm reference; // null: none
    private Path referenceCache; // null: none
    private Precision precision;
    private CheckpointPolicy checkpoints;
    private Path resumeFrom;
    private RunLock runLock;
    private Critic.Given critic; // null: none with a trunk of its own
    private SliceWorkers workers; // null: this process

    TrainerBuilder(CausalLm model) {
        this.model = model;
        this.precision = model.precision();
    }

    private TrainerBuilder set(String component, Object value) {
        values.put(component, value);
        return this;
    }

    /** All settings of a group: {@link Batch}, {@link Training}, {@link Optimizer} or {@link Schedule}. */
    public TrainerBuilder settings(Record group) {
        values.putAll(Setting.values(group));
        return this;
    }

    /** PSFT with these clip widths; see {@link PsftObjective}. */
    public TrainerBuilder clip(double epsLow, double epsHigh) {
        return objective(new PsftObjective(epsLow, epsHigh));
    }

    /** AdamW's decay of first and second moment; default 0.9 and 0.999. */
    public TrainerBuilder betas(double first, double second) {
        return set("betas", new Betas(first, second));
    }

    /** A listener that is called after every step. Listeners are called in the order of registration. */
    public TrainerBuilder listener(TrainerListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
        return this;
    }

    /**
     * Listeners that are called after every step, in their order; for ready sets such as
     * {@code Listeners.defaults(dir)}.
     */
    public TrainerBuilder listeners(List<? extends TrainerListener> list) {
        list.forEach(this::listener);
        return this;
    }

    /** What is minimised; default PSFT with 0.2 and 0.28. */
    public TrainerBuilder objective(TokenObjective value) {
        objective = value;
        return this;
    }

    /**
     * The frozen model that objectives such as ASFT, GIFT, iw-SFT or DPO compare with: another instance than the
     * trained one, with the same vocabulary. It must not change during the run.
     */
    public TrainerBuilder reference(CausalLm value) {
        reference = value;
        return this;
    }

    /** Directory in which token log-probs of the reference are kept for the next run with the same model and data. */
    public TrainerBuilder referenceCache(Path directory) {
        referenceCache = directory;
        return this;
    }

    /**
     * A critic with a trunk of its own, for advantages by GAE. It is trained with every step of the policy, by the same
     * settings of AdamW with moments and a gradient norm of its own. A critic on the policy's trunk is a part of the
     * model ({@link ValueHeads#shared}), and adds its objective to that of the policy.
     *
     * @param model of {@link ValueHeads#separate}
     * @param objective what the critic minimises
     */
    public TrainerBuilder critic(CausalLm model, ValueObjective objective) {
        critic = new Critic.Given(model, objective);
        return this;
    }

    /**
     * Who computes the gradients and log-probs of the micro-batches, such as the executors of a cluster; default this
     * process. The caller closes them.
     */
    public TrainerBuilder workers(SliceWorkers value) {
        workers = value;
        return this;
    }

    /**
     * NEFTune: noise {@code U(-1, 1) value / sqrt(L D)} on the embeddings of training passes; default 0, none. pi_old
     * is taken without it, so the ratio of PSFT then scatters around 1 from the second mini-batch on.
     */
    public TrainerBuilder neftune(double value) {
        return set("neftuneAlpha", value);
    }

    /** How token losses become one number; default the objective's own, for PSFT token-mean. */
    public TrainerBuilder aggregation(Aggregation value) {
        aggregation = value;
        return this;
    }

    /** Sequences per refresh of pi_old; default 64. */
    public TrainerBuilder macroBatch(int value) {
        return set("macroBatch", value);
    }

    /** Sequences per optimizer step; default 8. */
    public TrainerBuilder miniBatch(int value) {
        return set("miniBatch", value);
    }

    /** Sequences per forward and backward pass; default: the mini-batch. */
    public TrainerBuilder microBatch(int value) {
        return set("microBatch", value == 0 ? null : value);
    }

    /**
     * Packs sequences into rows of at most so many tokens; see {@link Batch#packing()}. Default 0, one sequence per
     * row.
     */
    public TrainerBuilder packing(int maxTokensPerRow) {
        return set("packing", maxTokensPerRow);
    }

    /** Cuts micro-batches in the order of length, so that little is padded; default false. */
    public TrainerBuilder lengthGrouping(boolean value) {
        return set("lengthGrouping", value);
    }

    /** Peak learning rate; default 1e-6. */
    public TrainerBuilder learningRate(double value) {
        return set("learningRate", value);
    }

    /** Shape of the learning rate after its warm-up; default constant. */
    public TrainerBuilder schedule(LearningRateSchedule value) {
        return set("schedule", value);
    }

    /** Optimizer steps over which the learning rate rises; default 10. */
    public TrainerBuilder warmupSteps(int value) {
        return set("warmupSteps", value);
    }

    /** Decoupled weight decay; default 0.1. */
    public TrainerBuilder weightDecay(double value) {
        return set("weightDecay", value);
    }

    /** Which parameters decay; default all. */
    public TrainerBuilder decayScope(DecayScope value) {
        return set("decayScope", value);
    }

    /** Added to the root of the second moment; default 1e-8. */
    public TrainerBuilder adamEpsilon(double value) {
        return set("adamEpsilon", value);
    }

    /** How AdamW's moments are kept; default in the type of the weights. */
    public TrainerBuilder moments(Moments value) {
        return set("moments", value);
    }

    /** What blocks keep for their gradient; default everything. */
    public TrainerBuilder recompute(Training.Recompute value) {
        return set("recompute", value);
    }

    /** Bound on the global gradient norm; default 1, 0 for none. */
    public TrainerBuilder maxGradNorm(double value) {
        return set("maxGradNorm", value);
    }

    /** Macro-steps of plain SFT first; default none. */
    public TrainerBuilder sftWarmup(WarmupSchedule value) {
        sftWarmup = value;
        return this;
    }

    /** When pi_old is refreshed; default every macro-batch. */
    public TrainerBuilder refresh(RefreshSchedule value) {
        refresh = value;
        return this;
    }

    /** Passes over the data; default 1. */
    public TrainerBuilder epochs(int value) {
        return set("epochs", value);
    }

    /** Optimizer steps, instead of whole epochs. */
    public TrainerBuilder maxSteps(int value) {
        return set("maxSteps", value);
    }

    /** Whether every epoch has its own random order; default true. */
    public TrainerBuilder shuffle(boolean value) {
        shuffle = value;
        return this;
    }

    /** Seed of the order; default 42. */
    public TrainerBuilder seed(long value) {
        seed = value;
        return this;
    }

    /** Skipped steps in a row after which the run stops; default 5. */
    public TrainerBuilder maxSkippedInARow(int value) {
        return set("maxSkippedInARow", value);
    }

    /**
     * Writes checkpoints that the run can be resumed from; default none. Those in the directory that the run does not
     * descend from are renamed to {@code abandoned-step-N} when training starts. If the run is resumed from one of
     * them, these are the ones above its step; else all.
     */
    public TrainerBuilder checkpoints(CheckpointPolicy policy) {
        checkpoints = policy;
        return this;
    }

    /**
     * Lock of the run directory, which the caller has taken and will release because it writes there too. Default none:
     * with checkpoints the trainer takes it.
     */
    public TrainerBuilder runLock(RunLock held) {
        runLock = held;
        return this;
    }

    /**
     * Continues from a checkpoint directory, to the last bit as if the run had never been interrupted. The weights of
     * the checkpoint replace the model's.
     */
    public TrainerBuilder resume(Path checkpoint) {
        resumeFrom = checkpoint;
        return this;
    }

    /**
     * Continues from the newest intact checkpoint of the policy's directory, or from the start if there is none; broken
     * ones are skipped with a warning.
     *
     * @throws IllegalStateException without a checkpoint policy
     * @throws io.github.psft4j.train.checkpoint.CheckpointException if none is intact, but one is of another format or
     *     could not be read
     */
    public TrainerBuilder resumeNewest() {
        if (checkpoints == null) {
            throw new IllegalStateException(
                    "resumeNewest needs checkpoints(policy) first, whose directory it looks in");
        }
        resumeFrom = checkpoints.newestIntact().orElse(null);
        return this;
    }

    /**
     * Precision of the linear layers; default: what the model has, F32 after loading. The model keeps it after the
     * training. Master weights, norms, softmax, loss and optimizer are in float either way. {@link #build} refuses
     * {@link Precision#INT8}.
     */
    public TrainerBuilder precision(Precision value) {
        precision = value;
        return this;
    }

    /**
     * The trainer.
     *
     * @throws IllegalArgumentException naming the setting that is out of range
     */
    public PsftTrainer build() {
        TrainerSettings settings = new TrainerSettings(
                new Goal(
                        objective,
                        aggregation == null && objective != null ? objective.aggregation() : aggregation,
                        sftWarmup,
                        refresh),
                Setting.create(Batch.class, values),
                Setting.create(Training.class, values),
                Setting.create(Optimizer.class, values),
                Setting.create(Schedule.class, values),
                new Order(shuffle, seed),
                precision);
        return new PsftTrainer(
                model,
                settings,
                listeners,
                reference,
                referenceCache,
                new Persistence(checkpoints, resumeFrom, runLock),
                critic,
                workers);
    }
}
