package io.github.psft4j.cli.train;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.Interruption;
import io.github.psft4j.cli.console.Json;
import io.github.psft4j.cli.console.Versions;
import io.github.psft4j.cli.data.DataSummary;
import io.github.psft4j.cli.input.Cluster;
import io.github.psft4j.cli.input.DataSettings;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.config.Bundled;
import io.github.psft4j.config.ConfigLoader;
import io.github.psft4j.config.ResolvedFile;
import io.github.psft4j.config.RunConfig;
import io.github.psft4j.config.Sections.Checkpoint;
import io.github.psft4j.config.Sections.Data;
import io.github.psft4j.config.Sections.Eval;
import io.github.psft4j.config.Sections.Model;
import io.github.psft4j.config.Sections.Monitor;
import io.github.psft4j.config.Sections.Run;
import io.github.psft4j.config.Threads;
import io.github.psft4j.data.DataReport;
import io.github.psft4j.data.DemonstrationFiles;
import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.Portions;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFiles;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Shown;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.monitor.RolloutLog;
import io.github.psft4j.monitor.files.RunDirectory;
import io.github.psft4j.monitor.files.WholeFile;
import io.github.psft4j.train.Layouts;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import io.github.psft4j.train.TrainingSummary;
import io.github.psft4j.train.VoidRunException;
import io.github.psft4j.train.checkpoint.DirectoryStorage;
import io.github.psft4j.train.checkpoint.RunLock;
import io.github.psft4j.train.optimizer.Optimizer;
import io.github.psft4j.train.slice.SliceWorkers;
import io.github.psft4j.train.source.MacroBatchSource;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** One run from its configuration to the trained model. What is cheap to check comes first: settings, data, weights. */
final class TrainRun {

    private final RunConfig config;
    private final ModelFiles files;
    private final Path runDir;
    private final Path checkpoint; // null: from the start
    private final DirectoryStorage copies; // null: checkpoints stay on this machine
    private final SliceWorkers workers; // null: this process computes
    private final MlflowTarget mlflow; // null without that listener
    private final RunLock lock;
    private final PrintWriter err;
    private final boolean quiet;

    private TrainRun(
            RunConfig config,
            ModelFiles files,
            Path checkpoint,
            DirectoryStorage copies,
            SliceWorkers workers,
            RunLock lock,
            boolean quiet,
            PrintWriter err) {
        this.config = config;
        this.copies = copies;
        this.workers = workers;
        this.lock = lock;
        this.files = files;
        this.runDir = Path.of(config.get(Run.class).dir());
        this.checkpoint = checkpoint;
        Monitor monitor = config.get(Monitor.class);
        this.mlflow = monitor.listeners().contains("mlflow")
                ? MlflowTarget.of(monitor.mlflowUri(), System.getenv(), runDir)
                : null;
        this.quiet = quiet;
        this.err = err;
    }

    /**
     * Runs it.
     *
     * @param resume {@code auto}, a checkpoint directory, or null for a new run
     * @param cluster master of the cluster that computes, null for none
     * @return the exit code
     */
    static int run(Path file, List<String> overrides, String resume, String cluster, boolean quiet, PrintWriter err)
            throws IOException {
        Cluster.require(cluster);
        if (quiet) {
            System.setProperty("psft.log", "WARN");
        }
        RunConfig given = ConfigLoader.load(file, overrides);
        Threads.apply(Cluster.threads(cluster, given.get(Run.class).threads()));
        Model settings = given.get(Model.class);
        ModelFiles files = ModelFiles.of(Bundled.resolve(settings.path()), settings.base());
        DecoderConfig model = files.check();
        Cluster.requireFor(given.get(Checkpoint.class).copyTo(), cluster);
        RunConfig config = given.withMaxLength(ModelFiles.longestRow(model.maxPositions()));
        if (cluster == null) {
            TrainerSetup.memory(config, model, files, 0).require();
        }
        Path runDir = Path.of(config.get(Run.class).dir());
        // Lock before the first write or deletion, with checkpoints or without.
        try (RunLock lock = RunDirectories.lock(runDir)) {
            boolean overwrite = config.get(Run.class).overwrite();
            if (resume == null && !overwrite) {
                RunDirectories.requireNone(runDir);
            }
            try (SliceWorkers workers = Cluster.open(cluster)) {
                DirectoryStorage copies =
                        Cluster.directory(workers, config.get(Checkpoint.class).copyTo());
                Path checkpoint = RunDirectories.checkpoint(resume, runDir, overwrite, copies, workers);
                TrainRun run = new TrainRun(config, files, checkpoint, copies, workers, lock, quiet, err);
                if (resume != null && checkpoint == null) {
                    run.say("no checkpoint in " + runDir + ": training starts from the beginning");
                }
                return run.run();
            }
        }
    }

    private int run() throws IOException {
        if (mlflow != null && mlflow.notice() != null) {
            say(mlflow.notice());
        }
        FirstWarnings.of(config).forEach(this::say);
        ChatTemplate template = files.template(config.get(Data.class).chatTemplate());
        if (config.samples()) {
            try (Tokenizer tokenizer = files.tokenizer()) {
                return rollouts(tokenizer, template);
            }
        }
        DemonstrationSet[] sets = readAll(template);
        try (DemonstrationSet data = sets[0];
                DemonstrationSet heldOut = sets[1]) {
            Portions portions = DataSettings.portions(
                    data, config.get(Data.class), config.get(Run.class).seed());
            if (portions.train() != data) {
                say("an epoch shows " + portions.train().size() + " demonstrations"
                        + (portions.heldOut() == null
                                ? ""
                                : "; held out: " + portions.heldOut().size()));
            }
            DemonstrationSet trained = portions.train();
            int longest = IntStream.range(0, trained.size())
                    .map(trained::length)
                    .max()
                    .orElse(0);
            return train(
                    trainer -> trainer.fit(trained),
                    longest,
                    heldOut == null ? portions.heldOut() : heldOut,
                    template,
                    List.of());
        }
    }

    /** Data and held-out data, null without any; the model brings a tokenizer of its own, so this one is closed. */
    private DemonstrationSet[] readAll(ChatTemplate template) {
        List<String> evaluation = config.get(Eval.class).data();
        try (Tokenizer tokenizer = files.tokenizer()) {
            DemonstrationSet data = read("data.train", config.get(Data.class).train(), tokenizer, template);
            try {
                return new DemonstrationSet[] {
                    data, evaluation == null ? null : read("eval.data", evaluation, tokenizer, template)
                };
            } catch (RuntimeException e) {
                data.close();
                throw e;
            }
        }
    }

    /** Gives a trainer its data. */
    @FunctionalInterface
    private interface Fit {
        TrainingSummary run(PsftTrainer trainer);
    }

    /** Trains samples of the model. */
    private int rollouts(Tokenizer tokenizer, ChatTemplate template) throws IOException {
        List<String> evaluation = config.get(Eval.class).data();
        RolloutSetup setup = RolloutSetup.read(config, files, tokenizer, template);
        say("data.train: " + setup.described());
        RolloutLog log = new RolloutLog(new RunDirectory(runDir).samples());
        try (DemonstrationSet heldOut =
                evaluation == null ? null : read("eval.data", evaluation, tokenizer, template)) {
            MacroBatchSource source = setup.source(List.of(log));
            return train(trainer -> trainer.fit(source), source.longestSequence(), heldOut, template, List.of(log));
        }
    }

    private DemonstrationSet read(String key, List<String> files, Tokenizer tokenizer, ChatTemplate template) {
        if (key.equals("eval.data")) {
            DataSettings.requireOneSplit(files);
        }
        DataOptions options = DataSettings.of(config.get(Data.class), files, config.objective());
        DemonstrationSet data = workers != null && files.stream().anyMatch(DataFiles::isRemote)
                ? workers.read(files, options, tokenizer, template)
                : DemonstrationFiles.read(options, tokenizer, template);
        DataReport report = data.report();
        say(key + ": " + DataSummary.counts(report) + (data.fromCache() ? " (cached tokens)" : ""));
        say("files: " + Shown.few(DataSummary.files(report)));
        DataSummary.dropped(report).forEach(this::say);
        if (data.isEmpty()) {
            data.close();
            throw new RefusedException(key + ": no demonstration is left of " + report.rows() + " rows\n"
                    + String.join("\n", DataSummary.dropped(report)));
        }
        try {
            Layouts.require(config.objective(), report.layout());
        } catch (IllegalArgumentException e) {
            data.close();
            throw new RefusedException(key + ": " + e.getMessage(), e);
        }
        return data;
    }

    /** @param longest tokens of the longest sequence, for the memory plan */
    private int train(Fit fit, int longest, DemonstrationSet heldOut, ChatTemplate template, List<TrainerListener> more)
            throws IOException {
        TrainingOverlap.write(config, runDir, checkpoint != null, this::say);
        CausalLm model = TrainerSetup.model(config, files, this::say);
        CausalLm critic = TrainerSetup.critic(config, this::say);
        FinalModel result = new FinalModel(model, critic, config, files, copies, this::say, err::println);
        say(Shown.format(
                "model: %s, %,d parameters, %s",
                config.get(Model.class).path(),
                model.config().parameters(),
                config.get(Model.class).dtype()));
        LoraModels.settings(model).ifPresent(lora -> sayAdapter(model, lora));
        say(DiskUse.of(
                config.get(Checkpoint.class),
                config.get(Model.class).dtype(),
                config.get(Optimizer.class).moments(),
                result.type(),
                model.trainedParameters(),
                DiskUse.free(runDir, checkpoint != null || config.get(Run.class).overwrite())));
        say(TrainerSetup.memoryLine(config, model.config(), files, longest, workers != null));
        result.announce();
        List<TrainerListener> listeners =
                RunListeners.of(config, model, runDir, mlflow, heldOut, template, files.endOfSequence(), quiet);
        boolean[] trained = {false};
        TrainerListener bounds = new TrainerListener() {
            @Override
            public void onStart(TrainingPlan plan) {
                FirstWarnings.of(config, plan).forEach(TrainRun.this::say);
                begin();
            }

            @Override
            public void onEnd(TrainingSummary summary) {
                trained[0] = !summary.stopped() || summary.reason() != null;
            }
        };
        TrainerBuilder builder = TrainerSetup.builder(config, model, critic)
                .runLock(lock)
                .workers(workers)
                .listener(bounds)
                .listeners(more)
                .listeners(listeners);
        boolean checkpoints = config.get(Checkpoint.class).every() > 0;
        if (checkpoints) {
            builder.checkpoints(TrainerSetup.checkpoints(config, runDir, copies, listeners));
        }
        Optional.ofNullable(checkpoint).ifPresent(builder::resume);
        PsftTrainer trainer = builder.build();
        TrainingSummary summary;
        try (Interruption signals = checkpoints ? new Interruption(trainer, err) : null) {
            summary = fit.run(trainer);
            if (summary.reason() != null) {
                say("ended after step " + summary.steps() + ": " + summary.reason());
            } else if (summary.stopped()) {
                say("stopped after step " + summary.steps() + "; go on with --resume auto");
                return signals == null ? ExitCodes.OK : signals.exitCode();
            }
        } catch (RuntimeException e) {
            if (trained[0] || e instanceof VoidRunException run && run.isModelUsable()) {
                result.saveAfter(e); // the last checkpoint or the end of a file failed, not the training
            }
            throw e;
        }
        result.save();
        say(Shown.format(
                "%d steps in %.1f s, %d skipped%s; the model is in %s",
                summary.steps(),
                summary.seconds(),
                summary.skipped(),
                summary.last() == null || Double.isNaN(summary.last().nll())
                        ? ""
                        : Shown.format(
                                ", last NLL %.4f nats/token", summary.last().nll()),
                result.dir()));
        return ExitCodes.OK;
    }

    private void sayAdapter(CausalLm model, LoraConfig lora) {
        long trained = model.trainedParameters();
        long all = model.config().parameters() + trained;
        say(Shown.format(
                "LoRA of rank %d trains %,d parameters beside it, %.2f %%", lora.r(), trained, 100.0 * trained / all));
        if (lora.dropout() > 0) {
            say("dropout " + lora.dropout() + " of what the adapter sees; old log-probs and evaluation are without");
        }
    }

    /** Everything is accepted, a checkpoint to go on from included: only now is an earlier run replaced. */
    private void begin() {
        if (checkpoint == null) {
            RunDirectories.clear(runDir);
        }
        WholeFile.write(
                "the settings",
                runDir.resolve(RunDirectories.RESOLVED),
                ResolvedFile.render(
                        config,
                        List.of(
                                "psft " + Versions.all().get("psft")
                                        + ": every setting of this run and where it comes from.",
                                "Repeat it with: psft train --config config.resolved.yaml --set run.dir=ANOTHER")));
        WholeFile.write(
                "the environment",
                runDir.resolve(RunDirectories.ENVIRONMENT),
                Json.text(RunEnvironment.values(config)) + "\n");
    }

    private void say(String line) {
        if (!quiet) {
            err.println(line);
            err.flush();
        }
    }
}
