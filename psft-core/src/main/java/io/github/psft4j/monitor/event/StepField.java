package io.github.psft4j.monitor.event;

import io.github.psft4j.train.StepMetrics;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * The columns of a metrics file, in their order: one list for every writer. Units and healthy ranges:
 * docs/monitoring.md.
 */
public enum StepField {
    /** Optimizer step, from 1. */
    STEP(StepMetrics::step),
    /** Macro-batch, from 1. */
    MACRO_STEP(StepMetrics::macroStep),
    /** Pass over the data, from 1. */
    EPOCH(StepMetrics::epoch),
    /** Name of the objective. */
    OBJECTIVE(StepMetrics::objective),
    /** Objective value that was minimised. */
    LOSS(StepMetrics::loss),
    /** Mean negative log-likelihood, nats/token. */
    NLL(StepMetrics::nll),
    /** Mean entropy at the trained positions, nats/token. */
    ENTROPY(StepMetrics::entropy),
    /** Mean of pi_theta / pi_old. */
    MEAN_RATIO(StepMetrics::meanRatio),
    /** Share of trained tokens whose gradient the clip stopped. */
    CLIP_FRACTION(StepMetrics::clipFraction),
    /** Mean of log pi_old - log pi_theta, nats/token. */
    APPROX_KL(StepMetrics::approxKl),
    /** Mean gradient coefficient. */
    MEAN_COEFFICIENT(StepMetrics::meanCoefficient),
    /** Global norm of the gradient before clipping. */
    GRAD_NORM(StepMetrics::gradNorm),
    /** Learning rate. */
    LR(StepMetrics::lr),
    /** Trained tokens. */
    TOKENS(StepMetrics::tokens),
    /** Tokens per second, prompts included. */
    TOKENS_PER_SECOND(StepMetrics::tokensPerSecond),
    /** Steps skipped so far. */
    SKIPPED(StepMetrics::skipped);

    private final Function<StepMetrics, Object> value;

    StepField(Function<StepMetrics, Object> value) {
        this.value = value;
    }

    /** Name in files: lower case with underscores. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Value at a step: an Integer, Long, Double or String. */
    public Object of(StepMetrics metrics) {
        return value.apply(metrics);
    }

    /**
     * Value at a step as a number.
     *
     * @throws ClassCastException for {@link #OBJECTIVE}
     */
    public double number(StepMetrics metrics) {
        return ((Number) of(metrics)).doubleValue();
    }

    /** The fields that are curves over the step: all numbers but the step itself. */
    public static List<StepField> curves() {
        return List.of(values()).stream()
                .filter(field -> field != STEP && field != OBJECTIVE)
                .toList();
    }
}
