package io.github.psft4j.examples.report;

import io.github.psft4j.examples.evaluation.Difference;
import io.github.psft4j.examples.evaluation.Measurement;
import io.github.psft4j.examples.evaluation.SkillScores;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * SFT and PSFT from the same base model on the same data in the same order.
 *
 * @param sft the run with plain cross-entropy
 * @param psft the run with the clipped ratio
 * @param speeds of both
 * @param settings what was asked for, in the order to be shown
 * @param environment machine and versions, in the order to be shown
 */
public record RunComparison(
        RunHistory sft, RunHistory psft, Speeds speeds, Map<String, String> settings, Map<String, String> environment) {

    /**
     * Tokens per second of training, measured in turn.
     *
     * @param sft with plain cross-entropy
     * @param psft with the clipped ratio, snapshot passes included
     */
    public record Speeds(double sft, double psft) {}

    public RunComparison {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    }

    /** The base model's scores. */
    public SkillScores base() {
        return sft.evaluations().get(0);
    }

    /** PSFT minus SFT after the last step, problem by problem. */
    public Difference difference(Function<SkillScores, Measurement> quantity) {
        return quantity.apply(psft.last()).minus(quantity.apply(sft.last()));
    }
}
