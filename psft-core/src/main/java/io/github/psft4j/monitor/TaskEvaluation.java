package io.github.psft4j.monitor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.eval.backend.LocalBackend;
import io.github.psft4j.eval.run.Metric;
import io.github.psft4j.eval.run.TaskListener;
import io.github.psft4j.eval.run.TaskResult;
import io.github.psft4j.eval.run.TaskRun;
import io.github.psft4j.eval.task.LoadedTask;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.ModelFingerprint;
import io.github.psft4j.monitor.event.LogNumbers;
import io.github.psft4j.monitor.files.RunDirectory;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs evaluation tasks during training: before the first step, every n optimizer steps and after the last. Each time a
 * line goes to {@code tasks.jsonl}, and items and results to {@code tasks/step-NNNNNNNN/TASK}. The time does not count
 * in the tokens per second of the steps.
 */
public final class TaskEvaluation extends PeriodicEvaluation {

    private static final Logger LOG = LoggerFactory.getLogger(TaskEvaluation.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final CausalLm model;
    private final ChatTemplate template;
    private final List<LoadedTask> tasks;
    private final int batch;
    private final RunDirectory files;
    private double lastScore = Double.NaN;

    /**
     * @param template of the model; null for one without
     * @param tasks at least one; the first decides which checkpoint is the best
     * @param everySteps optimizer steps between evaluations, &gt;= 1
     * @param batch sequences at a time
     */
    public TaskEvaluation(
            CausalLm model,
            ChatTemplate template,
            List<LoadedTask> tasks,
            int everySteps,
            int batch,
            RunDirectory files) {
        super("task evaluations", files.tasks(), everySteps);
        if (tasks.isEmpty() || everySteps < 1) {
            throw new IllegalArgumentException(
                    "there must be a task and everySteps positive, were " + tasks.size() + " and " + everySteps);
        }
        this.model = model;
        this.template = template;
        this.tasks = List.copyOf(tasks);
        this.batch = batch;
        this.files = files;
    }

    /**
     * The chief figure of the first task after this step, with its sign turned where higher is better: lower is better,
     * as for {@code CheckpointPolicy.bestBy}. NaN if it was not measured after this step.
     */
    public double lossAt(int step) {
        return step == lastStep() ? lastScore : Double.NaN;
    }

    @Override
    void evaluate(int step) {
        long start = System.nanoTime();
        Map<String, String> identity = Map.of("model_sha256", ModelFingerprint.of(model), "step", String.valueOf(step));
        ObjectNode line = JSON.createObjectNode().put("step", step);
        for (int t = 0; t < tasks.size(); t++) {
            LoadedTask task = tasks.get(t);
            try (LocalBackend backend = new LocalBackend(model, template, identity, batch)) {
                TaskResult result = new TaskRun(task, backend, Map.of())
                        .run(files.tasks(step, task.name()), true, TaskListener.NONE);
                record(step, t, result, line);
            }
        }
        write(line.put("seconds", (System.nanoTime() - start) / 1e9).toString());
    }

    private void record(int step, int t, TaskResult result, ObjectNode line) {
        result.metrics().forEach((name, metric) -> {
            line.put(result.task() + "/" + name, metric.value());
            line.put(result.task() + "/" + name + RunDirectory.STDERR, LogNumbers.finite(metric.standardError()));
        });
        Map.Entry<String, Metric> chief =
                result.metrics().entrySet().stream().findFirst().orElse(null);
        if (t == 0) {
            boolean lower = chief != null && chief.getKey().startsWith("nll");
            lastScore = chief == null
                    ? Double.NaN
                    : (lower ? 1 : -1) * chief.getValue().value();
        }
        LOG.info(
                "step {}: {} {}, {} questions",
                step,
                result.task(),
                chief == null
                        ? "not measured"
                        : chief.getKey() + " "
                                + LogNumbers.four(chief.getValue().value()) + " +- "
                                + LogNumbers.four(chief.getValue().standardError()),
                result.counts().get("questions"));
    }
}
