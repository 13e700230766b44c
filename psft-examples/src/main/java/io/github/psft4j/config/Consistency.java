package io.github.psft4j.config;

import io.github.psft4j.config.Sections.Checkpoint;
import io.github.psft4j.config.Sections.Data;
import io.github.psft4j.config.Sections.Eval;
import io.github.psft4j.config.Sections.Model;
import io.github.psft4j.config.Sections.Monitor;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.rows.DataFiles;
import io.github.psft4j.eval.task.Task;
import io.github.psft4j.hf.ForeignFiles;
import io.github.psft4j.io.Shown;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.FrozenType;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.reward.RewardRegistry;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.sample.SamplingSettings;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.train.Layouts;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.Training;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Rules between sections, and of settings with the file system; each section has passed its own rules already. */
record Consistency(RunConfig config, Map<String, String> places, List<Fault> faults) {

    /** Adds contradictions to the faults. */
    static void check(RunConfig config, Map<String, String> places, List<Fault> faults) {
        Consistency rules = new Consistency(config, places, faults);
        rules.layout();
        rules.best();
        rules.lora();
        if (config.objective() != null) {
            rules.objective(config.objective());
        }
        rules.model("model.path", config.get(Model.class).path());
        rules.model("model.base", config.get(Model.class).base());
        rules.model("reference.path", config.get(Reference.class).path());
        rules.model("critic.path", config.get(Critic.class).path());
        rules.files("data.train", config.get(Data.class).train());
        rules.files("eval.data", config.get(Eval.class).data());
        rules.evaluation();
        rules.tasks();
    }

    private void layout() {
        Model model = config.get(Model.class);
        if (model.precision() == Precision.BF16 && model.dtype().equals("double")) {
            add("model.precision", "bf16 contradicts model.dtype double; give one of the two");
        }
        if (model.precision() == Precision.INT8) {
            add("model.precision", "int8 is for generation and has no gradients; use bf16 or f32 to train");
        }
        int packing = config.get(Batch.class).packing();
        Integer longest = config.get(Data.class).maxLength();
        if (longest != null && packing > 0 && packing < longest - 1) {
            add(
                    "batch.packing",
                    "must be at least data.max_length - 1 (" + (longest - 1) + "), so that every sequence fits a row");
        }
        portions();
        String sftMetrics = config.get(Monitor.class).sftMetrics();
        if (sftMetrics != null && !Files.isReadable(Path.of(sftMetrics))) {
            add("monitor.sft_metrics", "no such file: " + sftMetrics);
        }
        if (config.isGiven("train.epochs") && config.get(Training.class).maxSteps() > 0) {
            add("train.max_steps", "contradicts train.epochs; give one of the two");
        }
    }

    /** An adapter is a new one or that of the model, and its settings belong to one. */
    private void lora() {
        Lora lora = config.get(Lora.class);
        lora.fault().ifPresent(fault -> add("lora." + fault.name(), fault.problem()));
        Model model = config.get(Model.class);
        boolean trained = model.path() != null && LoraModels.isAdapter(Bundled.resolve(model.path()));
        if (lora.on() && trained) {
            add(
                    "lora.r",
                    "starts an adapter, but model.path holds one already, which is trained on with its own settings;"
                            + " leave out lora, or merge it first: psft merge --model " + model.path()
                            + " --output OUT");
        }
        if (model.frozen() != FrozenType.AUTO && !lora.on() && !trained) {
            add(
                    "model.frozen",
                    "is the type of what an adapter leaves as it is, and all weights are trained; leave it"
                            + " out, or give lora.r");
        }
        if (model.base() != null && !trained) {
            add("model.base", "is the base of an adapter, but model.path holds none; leave it out");
        }
        if ((lora.on() || trained)
                && config.isGiven("model.save_dtype")
                && !model.saveDtype().equals("f32")) {
            add("model.save_dtype", "an adapter is written in f32, as PEFT does; leave it out");
        }
        boolean rank = config.isGiven("lora.r") || refused("lora.r");
        for (Setting setting : Setting.of(Lora.class)) {
            Object value = Setting.values(lora).get(setting.name());
            if (!rank && !value.equals(setting.defaultValue())) {
                add("lora." + setting.key(), "belongs to an adapter; give its rank, lora.r");
            }
        }
    }

    /** The best checkpoint is one that was written after a step whose NLL is known. */
    private void best() {
        Checkpoint checkpoint = config.get(Checkpoint.class);
        if (checkpoint.keepEvery() > 0 && checkpoint.every() == 0) {
            add("checkpoint.keep_every", "keeps what is never written; give checkpoint.every");
        }
        String copies = checkpoint.copyTo();
        if (copies != null && checkpoint.every() == 0) {
            add("checkpoint.copy_to", "copies what is never written; give checkpoint.every");
        }
        if (copies != null && !DataFiles.isRemote(copies)) {
            add("checkpoint.copy_to", "must be a URI such as hdfs://HOST/runs/1 or s3a://BUCKET/runs/1, was " + copies);
        }
        if (checkpoint.bestBy().equals("none")) {
            if (checkpoint.loadBest()) {
                add("checkpoint.load_best", "needs to know which is the best; give checkpoint.best_by");
            }
            return;
        }
        int evaluations = config.get(Eval.class).every();
        boolean byTask = checkpoint.bestBy().equals("eval_task");
        boolean byEvaluation = byTask || checkpoint.bestBy().equals("eval_nll");
        if (checkpoint.every() == 0) {
            add("checkpoint.best_by", "chooses among what is never written; give checkpoint.every");
        } else if (byEvaluation && (evaluations == 0 || checkpoint.every() % evaluations != 0)) {
            add(
                    "checkpoint.best_by",
                    checkpoint.bestBy() + " needs an evaluation right before every checkpoint: checkpoint.every ("
                            + checkpoint.every() + ") must be a multiple of eval.every (" + evaluations + ")");
        }
        if (byTask && config.get(Eval.class).tasks().isEmpty()) {
            add("checkpoint.best_by", "eval_task is that of eval.tasks; give eval.tasks, or choose another");
        }
        if (byEvaluation && !byTask && config.get(Eval.class).data() == null && !holdsOut()) {
            add(
                    "checkpoint.best_by",
                    "eval_nll is that of eval.data; give eval.data or data.validation_split, or choose nll");
        }
    }

    /** Checks that the data can train the objective, and that the batch holds what it needs. */
    private void objective(TokenObjective objective) {
        pairs(objective);
        rollout(objective);
        Batch batch = config.get(Batch.class);
        if (objective.scope() == Scope.BATCH && batch.microBatch() < batch.miniBatch()) {
            add(
                    "batch.micro",
                    "must be batch.mini (" + batch.miniBatch() + "), was " + batch.microBatch() + ": "
                            + objective.name()
                            + " has statistics of the whole mini-batch; leave it out, or lower batch.mini");
        }
    }

    /** Pairs stay together: batches count sequences, two per pair, and the layout is one of preferences. */
    private void pairs(TokenObjective objective) {
        Layout wanted = Layouts.of(objective);
        String layout = config.get(Data.class).layout();
        if (!layout.equals("auto") && !Layouts.fits(objective, Layout.valueOf(layout.toUpperCase(Locale.ROOT)))) {
            add(
                    "data.layout",
                    layout + " is not what " + objective.name() + " trains: "
                            + (wanted == null ? "demonstrations" : wanted.name().toLowerCase(Locale.ROOT))
                            + "; leave it out, or choose another objective");
        }
        if (wanted == null) {
            return;
        }
        Batch batch = config.get(Batch.class);
        String why = objective.name() + " trains pairs, and batches count sequences, two per pair";
        if (batch.miniBatch() % 2 != 0) {
            add("batch.mini", "must be even, was " + batch.miniBatch() + ": " + why);
        }
        if (batch.microBatch() % 2 != 0 && objective.scope() != Scope.BATCH) {
            add("batch.micro", "must be even, was " + batch.microBatch() + ": " + why);
        }
        WarmupSchedule warmup = config.get(WarmupSchedule.class);
        if (!warmup.equals(WarmupSchedule.none())) {
            add(
                    "sft_warmup.macro_steps",
                    "would train the rejected answers of " + objective.name() + " too; leave it out");
        }
    }

    /** What samples of the model need, and what only demonstrations have. */
    private void rollout(TokenObjective objective) {
        SampleRules.checkCritic(config, objective, this::add);
        RewardSection reward = config.get(RewardSection.class);
        if (!config.samples()) {
            if (reward.on()) {
                add(
                        "reward.functions",
                        "rewards samples of the model, but " + objective.name()
                                + " trains demonstrations; leave it out, or choose an objective such as grpo");
            }
            SampleRules.refuseSections(config, objective, this::add);
            return;
        }
        if (!reward.on()) {
            add(
                    "reward.functions",
                    "is missing: " + objective.name()
                            + " trains samples of the model and needs to know what one is worth; name at least one"
                            + " reward, such as {exact: 1}. There are " + RewardRegistry.names());
        } else {
            try {
                reward.rewards().close();
            } catch (ParameterException e) {
                add("reward." + e.name(), e.problem());
            }
        }
        int macro = config.get(Batch.class).macroBatch();
        int group = config.get(SamplingSettings.class).groupSize();
        if (macro % group != 0) {
            add(
                    "batch.macro",
                    "must be a multiple of rollout.group_size (" + group + "), because the samples of a prompt stay"
                            + " together, was " + macro);
        }
        if (group < 2 && config.get(AdvantageSettings.class).needsGroups()) {
            add(
                    "rollout.group_size",
                    "must be at least 2: the advantage of " + objective.name()
                            + " compares samples of one prompt; raise it, or set advantage.baseline");
        }
        if (config.get(Data.class).validationSplit() > 0) {
            add("data.validation_split", "holds out demonstrations, and data.train has prompts; leave it out");
        }
        if (!config.get(WarmupSchedule.class).equals(WarmupSchedule.none())) {
            add(
                    "sft_warmup",
                    "would train whatever the model samples, good or bad; leave it out, and start from a model that"
                            + " SFT or PSFT has trained");
        }
    }

    private void model(String key, String text) {
        if (text == null) {
            return;
        }
        Path path = Bundled.resolve(text);
        if (key.equals("model.base") || !LoraModels.isAdapter(path)) {
            ForeignFiles.noModel(path).ifPresent(reason -> add(key, reason));
        }
    }

    private void files(String key, List<String> files) {
        if (files == null) {
            return;
        }
        for (String text : files) {
            if (DataFiles.isRemote(text)) {
                continue; // whoever reads it says whether it is there
            }
            Path path = Bundled.resolve(text);
            if (!Files.exists(path)) {
                add(key, "no such file or directory: " + path.toAbsolutePath());
            } else if (!Files.isReadable(path)) {
                add(key, "not readable: " + path.toAbsolutePath());
            }
        }
        if (files.isEmpty()) {
            add(key, "names no file");
        }
    }

    /** An eval.data that is given without a value switches off what else is said of the evaluation. */
    private void evaluation() {
        Eval eval = config.get(Eval.class);
        if (eval.patience() > 0 && eval.every() == 0 && (eval.data() != null || !places.containsKey("eval.data"))) {
            add("eval.patience", "counts evaluations during the run; give eval.every and eval.data");
        }
        if (eval.data() == null && !places.containsKey("eval.data") && !holdsOut()) {
            if (eval.every() > 0 && eval.tasks().isEmpty()) {
                add("eval.every", "has nothing to evaluate; give eval.data, data.validation_split or eval.tasks");
            }
            if (!eval.prompts().isEmpty()) {
                add(
                        "eval.prompts",
                        "are continued when eval.data is evaluated; give eval.data or data.validation_split");
            }
        }
    }

    /** Tasks are read, and their questions must be there. */
    private void tasks() {
        for (String name : config.get(Eval.class).tasks()) {
            try {
                Task task = TaskFile.load(name, List.of());
                if (task.task().data().isEmpty()) {
                    add("eval.tasks", name + " names no questions; set task.data in a file of yours");
                } else {
                    files("eval.tasks", task.task().data());
                }
            } catch (IllegalArgumentException | ConfigException e) {
                add("eval.tasks", e.getMessage());
            }
        }
    }

    private boolean refused(String key) {
        return faults.stream().anyMatch(fault -> fault.where().equals(places.get(key)));
    }

    private boolean holdsOut() {
        return config.get(Data.class).validationSplit() > 0;
    }

    /** A held-out part is a part or a whole number, and the only one; weights are numbers and name what is read. */
    private void portions() {
        Data data = config.get(Data.class);
        double part = data.validationSplit();
        if (part > 1 && part != Math.rint(part)) {
            add("data.validation_split", "must be a part below 1 or a whole number of demonstrations, was " + part);
        }
        if (part > 0 && config.get(Eval.class).data() != null) {
            add("data.validation_split", "contradicts eval.data; give one of the two");
        }
        data.mix().forEach((path, weight) -> {
            if (data.train() != null && !data.train().contains(path)) {
                add("data.mix", "names " + path + ", which is not in data.train");
            }
            Double share = KeyTypes.decimal(weight.strip());
            if (share == null || !(share >= 0) || share.isInfinite()) {
                add("data.mix", path + " must have a number >= 0, such as 0.5, was " + Shown.brief(weight));
            }
        });
    }

    private void add(String key, String problem) {
        faults.add(new Fault(places.getOrDefault(key, key), problem));
    }
}
