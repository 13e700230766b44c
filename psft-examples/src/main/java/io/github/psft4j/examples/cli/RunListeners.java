package io.github.psft4j.examples.cli;

import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.examples.config.Keys;
import io.github.psft4j.examples.config.RunConfig;
import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.monitor.ClippedTokens;
import io.github.psft4j.monitor.CsvMetrics;
import io.github.psft4j.monitor.EvaluationListener;
import io.github.psft4j.monitor.HeldOutEvaluation;
import io.github.psft4j.monitor.JsonlMetrics;
import io.github.psft4j.monitor.ProgressListener;
import io.github.psft4j.monitor.files.RunDirectory;
import io.github.psft4j.monitor.tensorboard.TensorBoardListener;
import io.github.psft4j.train.ModelCheckpoints;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.transformer.GenerationConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The listeners that a configuration asks for. */
final class RunListeners {

    private final RunConfig config;
    private final CausalLm model;
    private final Path runDir;
    private final RunDirectory files;

    private RunListeners(RunConfig config, CausalLm model, Path runDir) {
        this.config = config;
        this.model = model;
        this.runDir = runDir;
        this.files = new RunDirectory(runDir);
    }

    /**
     * In the order in which they are told.
     *
     * @param heldOut null for a run without evaluation
     * @param stopIds end-of-sequence ids, which end sample generations
     */
    static List<TrainerListener> of(
            RunConfig config,
            CausalLm model,
            Path runDir,
            DemonstrationSet heldOut,
            Set<Integer> stopIds,
            boolean quiet) {
        RunListeners all = new RunListeners(config, model, runDir);
        List<TrainerListener> out = new ArrayList<>();
        out.add(new JsonlMetrics(all.files.metrics()));
        List<EvaluationListener> evaluationListeners = new ArrayList<>();
        for (String name : config.get(Keys.MONITOR_LISTENERS)) {
            switch (name) {
                case "csv" -> out.add(new CsvMetrics(all.files.metricsCsv()));
                case "clipped_tokens" -> out.add(new ClippedTokens(all.files.clippedTokens(), model.tokenizer()));
                case "tensorboard" -> {
                    TensorBoardListener listener = new TensorBoardListener(all.files.tensorBoard());
                    out.add(listener);
                    evaluationListeners.add(listener);
                }
                default -> {} // the report is made of the files when the run is over
            }
        }
        if (heldOut != null) {
            HeldOutEvaluation evaluation = all.evaluation(heldOut, stopIds);
            evaluationListeners.forEach(evaluation::tell);
            out.add(evaluation);
        }
        int every = config.get(Keys.CHECKPOINT_EVERY);
        if (every > 0) {
            out.add(new ModelCheckpoints(model, runDir, every));
        }
        out.add(new ProgressListener(
                config.get(Keys.OBJECTIVE_NAME), quiet ? ProgressListener.Mode.QUIET : ProgressListener.Mode.AUTO));
        return out;
    }

    private HeldOutEvaluation evaluation(DemonstrationSet heldOut, Set<Integer> stopIds) {
        int every = config.get(Keys.EVAL_EVERY);
        HeldOutEvaluation evaluation = new HeldOutEvaluation(
                        model, heldOut, every > 0 ? every : Integer.MAX_VALUE, files.evaluations())
                .batchSize(config.get(Keys.EVAL_BATCH));
        List<String> prompts = config.get(Keys.EVAL_PROMPTS);
        if (prompts.isEmpty()) {
            return evaluation;
        }
        if (model.tokenizer() == null) {
            throw new Refusal("eval.prompts are texts, and the model has no tokenizer.json");
        }
        return evaluation.samples(
                prompts.stream().map(model.tokenizer()::encode).toList(),
                GenerationConfig.builder()
                        .maxNewTokens(config.get(Keys.EVAL_MAX_NEW_TOKENS))
                        .temperature(config.get(Keys.EVAL_TEMPERATURE))
                        .stopIds(stopIds.stream().mapToInt(Integer::intValue).toArray())
                        .seed(config.get(Keys.RUN_SEED))
                        .build());
    }
}
