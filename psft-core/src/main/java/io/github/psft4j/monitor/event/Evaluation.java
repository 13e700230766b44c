package io.github.psft4j.monitor.event;

import java.util.List;

/**
 * A model measured on held-out demonstrations in the course of a run.
 *
 * @param step optimizer steps taken before it, 0 for the model as it was
 * @param nll mean negative log-likelihood of the held-out tokens, nats/token
 * @param entropy mean entropy at the held-out tokens, nats/token
 * @param tokens held-out tokens
 * @param seconds it took
 * @param samples what the model writes after the given prompts, in their order
 */
public record Evaluation(int step, double nll, double entropy, long tokens, double seconds, List<Sample> samples) {

    /**
     * A sample generation.
     *
     * @param prompt given
     * @param continuation written by the model; token ids where it has no tokenizer
     */
    public record Sample(String prompt, String continuation) {}

    /** The samples are copied. */
    public Evaluation {
        samples = List.copyOf(samples);
    }

    /** {@code exp(nll)}. */
    public double perplexity() {
        return Math.exp(nll);
    }
}
