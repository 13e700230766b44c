package io.github.psft4j.monitor.event;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model measured on held-out demonstrations in the course of a run.
 *
 * @param step optimizer steps taken before it, 0 for the model as it was
 * @param nll mean negative log-likelihood of the held-out tokens, nats/token
 * @param entropy mean entropy at the held-out tokens, nats/token
 * @param tokens held-out tokens
 * @param seconds it took
 * @param samples what the model writes after the given prompts, in their order
 * @param measures loss and measures of an objective on held-out pairs, by name; none for demonstrations
 */
public record Evaluation(
        int step,
        double nll,
        double entropy,
        long tokens,
        double seconds,
        List<Sample> samples,
        Map<String, Double> measures) {

    /** An evaluation on demonstrations. */
    public Evaluation(int step, double nll, double entropy, long tokens, double seconds, List<Sample> samples) {
        this(step, nll, entropy, tokens, seconds, samples, Map.of());
    }

    /**
     * A sample generation.
     *
     * @param prompt given
     * @param continuation written by the model; token ids where it has no tokenizer
     */
    public record Sample(String prompt, String continuation) {}

    /** The collections are copied. */
    public Evaluation {
        samples = List.copyOf(samples);
        measures = Collections.unmodifiableMap(new LinkedHashMap<>(measures));
    }

    /** What evaluations are compared by, the lower the better: the loss of preferences, the NLL of demonstrations. */
    public double score() {
        return measures.getOrDefault("loss", nll);
    }

    /** {@code exp(nll)}. */
    public double perplexity() {
        return Math.exp(nll);
    }
}
