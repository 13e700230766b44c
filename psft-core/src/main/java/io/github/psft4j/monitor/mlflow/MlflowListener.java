package io.github.psft4j.monitor.mlflow;

import io.github.psft4j.monitor.event.Evaluation;
import io.github.psft4j.monitor.event.EvaluationListener;
import io.github.psft4j.monitor.event.StepField;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import io.github.psft4j.train.TrainingSummary;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Records a run in MLflow: step metrics as {@code train/NAME}, held-out ones as {@code eval/NAME}, settings as params.
 * Metrics are sent in batches, every {@value #SECONDS} seconds and at the end. Numbers that are not finite are left
 * out: MLflow's stores disagree about them. A param of more than 6000 characters is cut, and its end says so.
 */
public final class MlflowListener implements TrainerListener, EvaluationListener {

    private static final int SECONDS = 5;
    private static final Duration INTERVAL = Duration.ofSeconds(SECONDS);

    /** Characters of a param's value in MLflow 2 and 3. */
    private static final int LONGEST_PARAM = 6000;

    private final MlflowStore store;
    private final String experiment;
    private final String runName;
    private final Map<String, String> params;
    private final Clock clock;
    private final List<Metric> pending = new ArrayList<>();
    private long lastSent;
    private boolean open;

    /**
     * @param store a file store or a server
     * @param experiment name of the experiment; created if there is none
     * @param runName name of the run
     * @param params settings to be kept with the run; those of the training plan are added
     * @throws IllegalArgumentException naming a param whose name MLflow does not take
     */
    public MlflowListener(MlflowStore store, String experiment, String runName, Map<String, String> params) {
        this(store, experiment, runName, params, Clock.systemUTC());
    }

    MlflowListener(MlflowStore store, String experiment, String runName, Map<String, String> params, Clock clock) {
        for (String name : params.keySet()) {
            if (!name.matches("[\\w.\\- /]+") || name.contains("..") || name.startsWith("/")) {
                throw new IllegalArgumentException(
                        "MLflow takes letters, digits, _ - . / and spaces in the name of a param," + " not \"" + name
                                + "\"");
            }
        }
        this.store = store;
        this.experiment = experiment;
        this.runName = runName;
        this.params = new LinkedHashMap<>(params);
        this.clock = clock;
    }

    @Override
    public void onStart(TrainingPlan plan) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("objective", plan.objective());
        all.put("total_steps", String.valueOf(plan.totalSteps()));
        all.put("steps_per_epoch", String.valueOf(plan.stepsPerEpoch()));
        all.put("warmup_macro_steps", String.valueOf(plan.warmupMacroSteps()));
        all.put("demonstrations", String.valueOf(plan.demonstrations()));
        all.put("parameters", String.valueOf(plan.parameters()));
        all.putAll(params);
        all.replaceAll((name, value) -> cut(value));
        lastSent = clock.millis();
        store.start(experiment, runName, lastSent, all);
        open = true;
    }

    /** A server would cut it without a word. */
    private static String cut(String value) {
        String rest = "... (" + value.length() + " characters)";
        return value.length() <= LONGEST_PARAM ? value : value.substring(0, LONGEST_PARAM - rest.length()) + rest;
    }

    @Override
    public void onStep(StepMetrics metrics) {
        for (StepField field : StepField.curves()) {
            add("train/" + field.label(), field.number(metrics), metrics.step());
        }
        metrics.measures().forEach((name, value) -> add("train/" + name, value, metrics.step()));
        if (clock.millis() - lastSent >= INTERVAL.toMillis()) {
            send();
        }
    }

    @Override
    public void onEvaluation(Evaluation evaluation) {
        add("eval/nll", evaluation.nll(), evaluation.step());
        add("eval/perplexity", evaluation.perplexity(), evaluation.step());
        add("eval/entropy", evaluation.entropy(), evaluation.step());
        evaluation.measures().forEach((name, value) -> add("eval/" + name, value, evaluation.step()));
    }

    private void add(String key, double value, int step) {
        if (Double.isFinite(value)) {
            pending.add(new Metric(key, value, clock.millis(), step));
        }
    }

    private void send() {
        store.log(List.copyOf(pending));
        pending.clear();
        lastSent = clock.millis();
    }

    @Override
    public void onEnd(TrainingSummary summary) {
        send();
        open = false;
        store.finish(MlflowStore.Status.FINISHED, clock.millis());
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            send();
            store.finish(MlflowStore.Status.FAILED, clock.millis());
        }
    }
}
