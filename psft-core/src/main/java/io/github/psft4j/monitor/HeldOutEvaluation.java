package io.github.psft4j.monitor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.Shown;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.event.Evaluation;
import io.github.psft4j.monitor.event.EvaluationListener;
import io.github.psft4j.monitor.event.LogNumbers;
import io.github.psft4j.policy.LocalReports;
import io.github.psft4j.policy.SliceReports;
import io.github.psft4j.train.ReferenceListener;
import io.github.psft4j.train.WorkersListener;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Evaluates the model during a run: NLL and entropy of held-out demonstrations and, on request, continuations of given
 * prompts. It does so before the first step, every n optimizer steps and after the last. Each evaluation writes one
 * JSON object to a file and a line to the log. Its time does not count in the tokens per second of the steps.
 */
public final class HeldOutEvaluation extends PeriodicEvaluation implements ReferenceListener, WorkersListener {

    private static final Logger LOG = LoggerFactory.getLogger(HeldOutEvaluation.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DEFAULT_BATCH = 8;

    private final CausalLm model;
    private final List<Demonstration> heldOut;
    private final List<EvaluationListener> listeners = new ArrayList<>();
    private List<int[]> prompts = List.of();
    private GenerationConfig generation;
    private int batchSize = DEFAULT_BATCH;
    private double lastNll = Double.NaN;
    private HeldOutPairs pairs; // null for demonstrations
    private SliceReports reports = new LocalReports();

    /**
     * @param heldOut demonstrations that are not trained on, with at least one token inside their loss masks
     * @param everySteps optimizer steps between evaluations
     * @param file {@code eval.jsonl}; created, or overwritten, when the run starts, and continued when it is resumed
     * @throws IllegalArgumentException if nothing is held out or everySteps is not positive
     */
    public HeldOutEvaluation(CausalLm model, List<Demonstration> heldOut, int everySteps, Path file) {
        super("evaluations", file, everySteps);
        if (heldOut.stream().allMatch(demonstration -> demonstration.trainedTokens() == 0)) {
            throw new IllegalArgumentException("the " + heldOut.size()
                    + " held-out demonstrations have no token inside their loss masks; there is nothing to evaluate");
        }
        if (everySteps < 1) {
            throw new IllegalArgumentException("everySteps must be positive, was " + everySteps);
        }
        this.model = model;
        this.heldOut = heldOut; // no copy: it may lie in a file
    }

    /** Sequences per forward pass; default 8. */
    public HeldOutEvaluation batchSize(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("the batch size must be positive, was " + value);
        }
        batchSize = value;
        return this;
    }

    /** Also continues these prompts of token ids at every evaluation. */
    public HeldOutEvaluation samples(List<int[]> promptIds, GenerationConfig settings) {
        prompts = List.copyOf(promptIds);
        generation = settings;
        return this;
    }

    /**
     * Held-out NLL (of preferences: loss) that was measured after this step, NaN if that was not the last evaluation;
     * for {@code CheckpointPolicy.bestBy(m -> evaluation.nllAt(m.step()))}.
     */
    public double nllAt(int step) {
        return step == lastStep() ? lastNll : Double.NaN;
    }

    /**
     * Evaluates preferences: the held-out sequences are chosen and rejected answers in turn, or
     * {@link io.github.psft4j.train.source.UnpairedAnswers}. Measured as well are loss, rewards, margin and accuracy.
     * {@link #nllAt} is then the loss, because a low NLL of rejected answers is no aim.
     */
    public HeldOutEvaluation objective(TokenObjective objective) {
        pairs = new HeldOutPairs(model, heldOut, objective);
        return this;
    }

    @Override
    public void onReference(Function<List<Demonstration>, double[][]> scores) {
        if (pairs != null) {
            pairs.compareWith(scores);
        }
    }

    @Override
    public void onWorkers(SliceReports value) {
        reports = value;
    }

    /** Also passes every evaluation to TensorBoard, MLflow or another listener. */
    public HeldOutEvaluation tell(EvaluationListener listener) {
        listeners.add(listener);
        return this;
    }

    @Override
    void evaluate(int step) {
        long start = System.nanoTime();
        LossReport report = pairs == null
                ? new Scorer(model, batchSize).report(heldOut, reports)
                : pairs.report(batchSize, reports);
        lastNll = pairs == null ? report.nll() : report.value();
        List<Evaluation.Sample> samples = prompts.isEmpty() ? List.of() : samples();
        double seconds = (System.nanoTime() - start) / 1e9;
        Evaluation evaluation = new Evaluation(
                step, report.nll(), report.entropy(), report.tokens(), seconds, samples, measures(report));
        write(evaluation);
        LOG.info(
                "step {}: held-out NLL {} nats/token, entropy {}, {} tokens, {} s",
                step,
                LogNumbers.four(evaluation.nll()),
                LogNumbers.four(evaluation.entropy()),
                evaluation.tokens(),
                LogNumbers.one(seconds));
        if (!evaluation.measures().isEmpty()) {
            LOG.info("step {}: held-out {}", step, LogNumbers.named(evaluation.measures()));
        }
        samples.forEach(sample -> LOG.info(
                "step {}: {} => {}", step, Shown.oneLine(sample.prompt()), Shown.oneLine(sample.continuation())));
        listeners.forEach(listener -> listener.onEvaluation(evaluation));
    }

    private Map<String, Double> measures(LossReport report) {
        Map<String, Double> measures = new LinkedHashMap<>();
        if (pairs != null) {
            measures.put("loss", report.value());
            measures.putAll(report.measures().values());
        }
        return measures;
    }

    private List<Evaluation.Sample> samples() {
        List<Evaluation.Sample> samples = new ArrayList<>();
        for (GenerationResult one : model.generate(prompts, generation)) {
            int[] prompt = Arrays.copyOf(one.tokens(), one.promptLength());
            samples.add(new Evaluation.Sample(text(prompt), text(one.newTokens())));
        }
        return samples;
    }

    private String text(int[] ids) {
        Tokenizer tokenizer = model.tokenizer();
        return tokenizer == null ? Arrays.toString(ids) : tokenizer.decode(ids, true);
    }

    private void write(Evaluation evaluation) {
        ObjectNode line = JSON.createObjectNode();
        line.put("step", evaluation.step());
        line.put("nll", evaluation.nll());
        line.put("perplexity", LogNumbers.finite(evaluation.perplexity())); // above 709 nats/token it is not
        line.put("entropy", evaluation.entropy());
        line.put("tokens", evaluation.tokens());
        evaluation.measures().forEach((name, value) -> line.put(name, LogNumbers.finite(value)));
        line.put("seconds", evaluation.seconds());
        ArrayNode samples = line.putArray("samples");
        for (Evaluation.Sample sample : evaluation.samples()) {
            samples.addObject().put("prompt", sample.prompt()).put("continuation", sample.continuation());
        }
        write(line.toString());
    }
}
