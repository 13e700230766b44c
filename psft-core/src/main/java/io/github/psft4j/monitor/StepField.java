package io.github.psft4j.monitor;

import io.github.psft4j.train.StepMetrics;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * The columns of a metrics file, in their order: one list for every writer. Units and healthy ranges: docs/monitoring.md.
 */
public enum StepField {
    /** Optimizer step, from 1. */
    STEP(StepMetrics::step),
    MACRO_STEP(StepMetrics::macroStep),
    EPOCH(StepMetrics::epoch),
    OBJECTIVE(StepMetrics::objective),
    LOSS(StepMetrics::loss),
    NLL(StepMetrics::nll),
    ENTROPY(StepMetrics::entropy),
    MEAN_RATIO(StepMetrics::meanRatio),
    CLIP_FRACTION(StepMetrics::clipFraction),
    APPROX_KL(StepMetrics::approxKl),
    MEAN_COEFFICIENT(StepMetrics::meanCoefficient),
    GRAD_NORM(StepMetrics::gradNorm),
    LR(StepMetrics::lr),
    TOKENS(StepMetrics::tokens),
    TOKENS_PER_SECOND(StepMetrics::tokensPerSecond),
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
