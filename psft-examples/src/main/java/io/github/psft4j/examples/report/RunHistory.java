package io.github.psft4j.examples.report;

import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.train.StepMetrics;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Everything that was measured during one fine-tuning run.
 *
 * @param name "SFT" or "PSFT"
 * @param steps one entry per optimizer step, at least one
 * @param evaluations in order of steps, the base model first, at least two
 * @param stepsPerMacroBatch optimizer steps from one refresh of the old policy to the next
 */
public record RunHistory(String name, List<StepMetrics> steps, List<SkillScores> evaluations, int stepsPerMacroBatch) {

    /** @throws IllegalArgumentException if there is no step or no evaluation after training */
    public RunHistory {
        if (steps.isEmpty() || evaluations.size() < 2) {
            throw new IllegalArgumentException("run " + name + " has " + steps.size() + " steps and "
                    + evaluations.size() + " evaluations: it needs 1 and 2");
        }
        steps = List.copyOf(steps);
        evaluations = List.copyOf(evaluations);
    }

    /** The scores after the last step. */
    public SkillScores last() {
        return evaluations.get(evaluations.size() - 1);
    }

    /** The evaluation with the lowest held-out NLL, the earliest of equals. */
    public SkillScores lowestNll() {
        return evaluations.stream()
                .min(Comparator.comparingDouble(scores -> scores.nll().value()))
                .orElseThrow();
    }

    /** Mean norm of the gradient before clipping over the last tenth of the steps. */
    public double finalGradNorm() {
        int tail = Math.max(1, steps.size() / 10);
        return mean(steps.subList(steps.size() - tail, steps.size()), StepMetrics::gradNorm);
    }

    /** Mean over all steps of the share of trained tokens that the clip left out of the gradient. */
    public double meanClipFraction() {
        return mean(steps, StepMetrics::clipFraction);
    }

    /** Mean over the steps that were measured; NaN if all were skipped. */
    static double mean(List<StepMetrics> steps, ToDoubleFunction<StepMetrics> value) {
        return steps.stream()
                .mapToDouble(value)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }
}
