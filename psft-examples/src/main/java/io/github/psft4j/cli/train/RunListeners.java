package io.github.psft4j.cli.train;

import static io.github.psft4j.monitor.Listeners.keepTraining;

import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.cli.input.TaskInput;
import io.github.psft4j.config.ResolvedFile;
import io.github.psft4j.config.RunConfig;
import io.github.psft4j.config.Sections.Eval;
import io.github.psft4j.config.Sections.Monitor;
import io.github.psft4j.config.Sections.Objective;
import io.github.psft4j.config.Sections.Run;
import io.github.psft4j.config.TaskFile;
import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.eval.task.LoadedTask;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.ClippedTokens;
import io.github.psft4j.monitor.CsvMetrics;
import io.github.psft4j.monitor.EarlyStopping;
import io.github.psft4j.monitor.HeldOutEvaluation;
import io.github.psft4j.monitor.JsonlMetrics;
import io.github.psft4j.monitor.ProgressListener;
import io.github.psft4j.monitor.ReportListener;
import io.github.psft4j.monitor.TaskEvaluation;
import io.github.psft4j.monitor.event.EvaluationListener;
import io.github.psft4j.monitor.files.RunDirectory;
import io.github.psft4j.monitor.mlflow.MlflowListener;
import io.github.psft4j.monitor.signature.FailureSignatures;
import io.github.psft4j.monitor.tensorboard.TensorBoardListener;
import io.github.psft4j.train.Layouts;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.source.UnpairedAnswers;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The listeners that a configuration asks for, in the order in which they are called. One that only records may fail
 * without ending the run (a full disk, a lost server). {@code metrics.jsonl} is the run's result: if part of it is
 * missing at the end, that is an error.
 */
final class RunListeners {

    private final RunConfig config;
    private final CausalLm model;
    private final RunDirectory files;
    private final MlflowTarget mlflow; // null without that listener
    private final List<EvaluationListener> evaluationListeners = new ArrayList<>();

    private RunListeners(RunConfig config, CausalLm model, Path runDir, MlflowTarget mlflow) {
        this.mlflow = mlflow;
        this.config = config;
        this.model = model;
        this.files = new RunDirectory(runDir);
    }

    /**
     * The list.
     *
     * @param mlflow null if nobody asks for it
     * @param heldOut null for a run without evaluation
     * @param template that makes messages of sample prompts, null for a model without
     * @param stopIds end-of-sequence ids, which end sample generations
     */
    static List<TrainerListener> of(
            RunConfig config,
            CausalLm model,
            Path runDir,
            MlflowTarget mlflow,
            DemonstrationSet heldOut,
            ChatTemplate template,
            Set<Integer> stopIds,
            boolean quiet) {
        RunListeners all = new RunListeners(config, model, runDir, mlflow);
        List<String> names = config.get(Monitor.class).listeners();
        List<TrainerListener> out = new ArrayList<>();
        out.add(new JsonlMetrics(all.files.metrics()));
        names.stream().filter(name -> !name.equals("report")).distinct().forEach(name -> out.add(all.recording(name)));
        if (heldOut != null) {
            HeldOutEvaluation evaluation = all.evaluation(heldOut, template, stopIds);
            Eval eval = config.get(Eval.class);
            if (eval.patience() > 0) {
                EarlyStopping stopping = new EarlyStopping(eval.patience(), eval.minDelta(), all.files.evaluations());
                evaluation.tell(stopping);
                out.add(stopping); // reads what the evaluation then rewrites
            }
            all.evaluationListeners.forEach(evaluation::tell);
            out.add(evaluation);
        }
        if (!config.get(Eval.class).tasks().isEmpty()) {
            out.add(all.tasks(template));
        }
        if (names.contains("report")) {
            out.add(keepTraining(new ReportListener(runDir))); // after those that write what it shows
        }
        out.add(new ProgressListener(
                config.get(Objective.class).name(), quiet ? ProgressListener.Mode.QUIET : ProgressListener.Mode.AUTO));
        return out;
    }

    private TrainerListener recording(String name) {
        Monitor monitor = config.get(Monitor.class);
        TrainerListener listener = keepTraining(
                switch (name) {
                    case "warnings" ->
                        new FailureSignatures(
                                files.warnings(), monitor.sftMetrics() == null ? null : Path.of(monitor.sftMetrics()));
                    case "clipped_tokens" -> new ClippedTokens(files.clippedTokens(), model.tokenizer());
                    case "csv" -> new CsvMetrics(files.metricsCsv());
                    case "tensorboard" -> new TensorBoardListener(files.tensorBoard());
                    case "mlflow" -> mlflow();
                    default -> throw new IllegalStateException("no listener is called " + name);
                });
        if (listener instanceof EvaluationListener told) {
            evaluationListeners.add(told);
        }
        return listener;
    }

    private TaskEvaluation tasks(ChatTemplate template) {
        Eval eval = config.get(Eval.class);
        List<LoadedTask> tasks = eval.tasks().stream()
                .map(name -> TaskInput.read(TaskFile.load(name, List.of()), List.of()))
                .toList();
        int every = eval.every() > 0 ? eval.every() : Integer.MAX_VALUE;
        return new TaskEvaluation(model, template, tasks, every, eval.batch(), files);
    }

    private MlflowListener mlflow() {
        Map<String, String> params = new LinkedHashMap<>();
        ResolvedFile.values(config).forEach((name, entry) -> params.put(name, String.valueOf(entry.get("value"))));
        return new MlflowListener(
                mlflow.store(),
                config.get(Monitor.class).mlflowExperiment(),
                files.path().toAbsolutePath().normalize().getFileName().toString(),
                params);
    }

    private HeldOutEvaluation evaluation(DemonstrationSet heldOut, ChatTemplate template, Set<Integer> stopIds) {
        Eval eval = config.get(Eval.class);
        int every = eval.every();
        TokenObjective objective = config.objective();
        List<Demonstration> sequences = Layouts.of(objective) == Layout.UNPAIRED_PREFERENCE
                ? UnpairedAnswers.of(heldOut, eval.batch() / 2)
                : heldOut;
        HeldOutEvaluation evaluation = new HeldOutEvaluation(
                        model, sequences, every > 0 ? every : Integer.MAX_VALUE, files.evaluations())
                .batchSize(eval.batch());
        if (objective.neighbours() == 2) {
            evaluation.objective(objective);
        }
        List<String> prompts = eval.prompts();
        if (prompts.isEmpty()) {
            return evaluation;
        }
        if (model.tokenizer() == null) {
            throw new RefusedException("eval.prompts are texts, and the model has no tokenizer.json");
        }
        boolean chat = template != null && !eval.rawPrompts();
        List<int[]> ids = prompts.stream()
                .map(text -> chat
                        ? ModelFiles.userMessage(template, model.tokenizer(), text)
                        : model.tokenizer().encode(text))
                .toList();
        int longest = model.config().longestSequence();
        for (int i = 0; i < ids.size(); i++) {
            if (ids.get(i).length == 0 || ids.get(i).length >= longest) {
                throw new RefusedException("eval.prompts: prompt " + (i + 1) + " has " + ids.get(i).length
                        + " tokens; it needs at least 1 and fewer than the model's " + longest + " positions");
            }
        }
        return evaluation.samples(
                ids,
                GenerationConfig.builder()
                        .maxNewTokens(eval.maxNewTokens())
                        .temperature(eval.temperature())
                        .stopIds(stopIds.stream().mapToInt(Integer::intValue).toArray())
                        .seed(config.get(Run.class).seed())
                        .build());
    }
}
