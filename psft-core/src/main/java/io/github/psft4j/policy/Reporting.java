package io.github.psft4j.policy;

import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Denominator;
import io.github.psft4j.loss.TokenObjective;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * What is measured on slices without gradients.
 *
 * @param objective whose loss and measures are wanted
 * @param aggregation of its token losses
 * @param all totals that the loss divides by; null where each slice has its own
 * @param columns of the objective: values {@code [length - 1]} by the number of the sequence
 */
public record Reporting(
        TokenObjective objective,
        Aggregation aggregation,
        Denominator all,
        Map<Column, IntFunction<double[]>> columns) {}
