package io.github.psft4j.cli.train;

import io.github.psft4j.cli.input.Cluster;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.config.Bundled;
import io.github.psft4j.config.Critic;
import io.github.psft4j.config.Lora;
import io.github.psft4j.config.Reference;
import io.github.psft4j.config.Refresh;
import io.github.psft4j.config.RunConfig;
import io.github.psft4j.config.Sections.Checkpoint;
import io.github.psft4j.config.Sections.Data;
import io.github.psft4j.config.Sections.Eval;
import io.github.psft4j.config.Sections.Model;
import io.github.psft4j.config.Sections.Objective;
import io.github.psft4j.config.Sections.Run;
import io.github.psft4j.hf.peft.AdapterConfig;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.model.ValueHeads;
import io.github.psft4j.monitor.HeldOutEvaluation;
import io.github.psft4j.monitor.TaskEvaluation;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.rollout.advantage.RewardKl;
import io.github.psft4j.rollout.sample.SamplingSettings;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.checkpoint.DirectoryStorage;
import io.github.psft4j.train.column.ReferenceScores;
import io.github.psft4j.train.memory.ClusterMemory;
import io.github.psft4j.train.memory.MemoryPlan;
import io.github.psft4j.train.memory.ModelNumbers;
import io.github.psft4j.train.memory.RunNumbers;
import io.github.psft4j.train.optimizer.Optimizer;
import io.github.psft4j.train.optimizer.Schedule;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.transformer.BlockForward.Room;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A configuration as settings of the trainer. */
final class TrainerSetup {

    private TrainerSetup() {}

    /** @param trunk critic with a trunk of its own; null without one */
    static TrainerBuilder builder(RunConfig config, CausalLm model, CausalLm trunk) {
        TokenObjective objective = config.objective();
        Critic critic = config.get(Critic.class);
        boolean shared = critic.trunk() == Critic.Trunk.SHARED;
        TrainerBuilder builder = PsftTrainer.builder(model)
                .objective(shared ? objective.plus(critic.weight(), critic.objective()) : objective)
                .aggregation(config.get(Objective.class).aggregation())
                .sftWarmup(config.get(WarmupSchedule.class))
                .refresh(config.get(Refresh.class).every())
                .settings(config.get(Batch.class))
                .settings(config.get(Training.class))
                .settings(config.get(Optimizer.class))
                .settings(config.get(Schedule.class))
                .shuffle(config.get(Data.class).shuffle())
                .seed(config.get(Run.class).seed())
                .precision(config.get(Model.class).precision());
        if (trunk != null) {
            builder.critic(trunk, critic.objective());
        }
        Reference reference = config.get(Reference.class);
        if (reference.cacheDir() != null) {
            builder.referenceCache(Path.of(reference.cacheDir()));
        }
        if (needsReference(config)) {
            Model trained = config.get(Model.class);
            ModelFiles files = reference(config);
            if (reference.path() != null
                    || !LoraModels.holdsBase(model) && !ReferenceScores.isServedByStart(objective)) {
                builder.reference(files.load(trained.dtype()));
            }
        }
        return builder;
    }

    /** A critic with a trunk of its own, with the value head of its directory if that has one; null without one. */
    static CausalLm critic(RunConfig config, Consumer<String> say) {
        if (config.get(Critic.class).trunk() != Critic.Trunk.SEPARATE) {
            return null;
        }
        ModelFiles files = criticFiles(config);
        return goingOn(ValueHeads.separate(files.load(config.get(Model.class).dtype())), files.dir(), say);
    }

    /** With the value head of an earlier run, if the directory has one. */
    private static CausalLm goingOn(CausalLm critic, Path dir, Consumer<String> say) {
        if (ValueHeads.isSaved(dir)) {
            ValueHeads.restore(critic, dir);
            say.accept("the critic goes on with the value head of " + dir);
        }
        return critic;
    }

    /** What a critic with a trunk of its own starts as: another model, or the policy without its adapter. */
    private static ModelFiles criticFiles(RunConfig config) {
        Model trained = config.get(Model.class);
        String path = config.get(Critic.class).path();
        return path == null
                ? ModelFiles.of(ModelFiles.of(Bundled.resolve(trained.path()), trained.base())
                        .whole())
                : ModelFiles.of(Bundled.resolve(path));
    }

    /** The model to train: with lora.r a fresh adapter on it, with a critic on its trunk a value head. */
    static CausalLm model(RunConfig config, ModelFiles files, Consumer<String> say) {
        Lora lora = config.get(Lora.class);
        String dtype = config.get(Model.class).dtype();
        if (config.get(Critic.class).trunk() == Critic.Trunk.SHARED) {
            CausalLm policy = files.load(dtype, config.get(Model.class).frozen());
            return goingOn(ValueHeads.shared(policy), files.dir(), say);
        }
        return lora.on()
                ? LoraModels.fresh(
                        files.dir(),
                        lora.config(),
                        ModelFiles.type(dtype),
                        config.get(Model.class).frozen(),
                        config.get(Run.class).seed())
                : files.load(dtype, config.get(Model.class).frozen());
    }

    /** The reference model: of its own, or else what the trained one was before its training, without its adapter. */
    private static ModelFiles reference(RunConfig config) {
        Model trained = config.get(Model.class);
        String path = config.get(Reference.class).path();
        return ModelFiles.of(
                path == null
                        ? ModelFiles.of(Bundled.resolve(trained.path()), trained.base())
                                .whole()
                        : Bundled.resolve(path));
    }

    /** Parameters of the adapter that is trained, 0 if all weights are. */
    static long adapter(RunConfig config, ModelFiles files) {
        return adapterSettings(config, files)
                .map(lora -> LoraModels.parameters(files.whole(), lora))
                .orElse(0L);
    }

    private static Optional<LoraConfig> adapterSettings(RunConfig config, ModelFiles files) {
        Lora fresh = config.get(Lora.class);
        return fresh.on()
                ? Optional.of(fresh.config())
                : Optional.ofNullable(files.base())
                        .map(base -> AdapterConfig.read(files.dir()).lora());
    }

    private static boolean needsReference(RunConfig config) {
        return config.samples() && config.get(RewardKl.class).isOn() || ReferenceScores.needed(config.objective());
    }

    /**
     * What the run takes of memory.
     *
     * @param longest tokens of the longest demonstration, 0 if it is not known yet
     */
    static MemoryPlan memory(RunConfig config, DecoderConfig model, ModelFiles files, int longest) {
        Checkpoint checkpoint = config.get(Checkpoint.class);
        Model settings = config.get(Model.class);
        ModelNumbers numbers = ModelNumbers.of(
                        model, ModelFiles.type(settings.dtype()).width(), settings.precision())
                .withReference(referenceParameters(config, files))
                .withCritic(
                        config.get(Critic.class).trunk() == Critic.Trunk.SEPARATE
                                ? ValueHeads.parameters(criticFiles(config).config())
                                : 0)
                .withAdapter(adapter(config, files), room(config, files))
                .withFrozenWidth(
                        LoraModels.frozenWidth(files.whole(), settings.frozen(), ModelFiles.type(settings.dtype())));
        Batch batch = config.get(Batch.class);
        Eval eval = config.get(Eval.class);
        boolean evaluates = eval.data() != null || config.get(Data.class).validationSplit() > 0;
        RunNumbers run = new RunNumbers(
                batch,
                config.get(Training.class),
                config.get(Optimizer.class),
                longest,
                checkpoint.every() > 0 && checkpoint.asynchronous(),
                Math.max(RunNumbers.scored(config.objective(), batch), evaluates ? eval.batch() : 0),
                RunNumbers.together(config.objective(), batch));
        return MemoryPlan.of(numbers, config.samples() ? run.sampling(samples(config)) : run);
    }

    /** The plan in one line, on a cluster that of driver and executors. */
    static String memoryLine(RunConfig config, DecoderConfig model, ModelFiles files, int longest, boolean cluster) {
        MemoryPlan plan = memory(config, model, files, longest).chosen();
        return cluster ? ClusterMemory.of(plan, Cluster.wireBytes()).line() : plan.line();
    }

    private static RunNumbers.Samples samples(RunConfig config) {
        SamplingSettings rollout = config.get(SamplingSettings.class);
        return new RunNumbers.Samples(
                config.get(Batch.class).macroBatch(), rollout.groupSize(), rollout.maxNewTokens());
    }

    /** What the adapters of a block need; query, key and value share a weight. */
    private static Room room(RunConfig config, ModelFiles files) {
        LoraConfig adapter = adapterSettings(config, files).orElse(null);
        Room room = Room.of(adapter == null ? 0 : 3 * adapter.r());
        return adapter != null && adapter.dropout() > 0 ? room.underDropout(files.config()) : room;
    }

    private static long referenceParameters(RunConfig config, ModelFiles files) {
        boolean inside = config.get(Reference.class).path() == null
                && (ReferenceScores.isServedByStart(config.objective())
                        || adapterSettings(config, files)
                                .filter(LoraModels::keepsBase)
                                .isPresent());
        return inside || !needsReference(config)
                ? 0
                : reference(config).config().parameters();
    }

    /**
     * When checkpoints are written, and which stay.
     *
     * @param copies where each is copied to, null for nowhere
     * @param listeners of the run, among them the evaluations
     */
    static CheckpointPolicy checkpoints(
            RunConfig config, Path runDir, DirectoryStorage copies, List<TrainerListener> listeners) {
        Checkpoint checkpoint = config.get(Checkpoint.class);
        CheckpointPolicy policy = CheckpointPolicy.every(checkpoint.every(), runDir)
                .keep(checkpoint.keep(), checkpoint.keepEvery())
                .copiedTo(copies);
        policy = switch (checkpoint.bestBy()) {
            case "eval_nll" -> {
                HeldOutEvaluation evaluation = the(HeldOutEvaluation.class, listeners);
                yield policy.bestBy(metrics -> evaluation.nllAt(metrics.step()));
            }
            case "eval_task" -> {
                TaskEvaluation evaluation = the(TaskEvaluation.class, listeners);
                yield policy.bestBy(metrics -> evaluation.lossAt(metrics.step()));
            }
            case "nll" -> policy.bestBy(StepMetrics::nll);
            default -> policy;
        };
        return checkpoint.asynchronous() ? policy : policy.synchronous();
    }

    private static <L extends TrainerListener> L the(Class<L> type, List<TrainerListener> listeners) {
        return listeners.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow();
    }
}
