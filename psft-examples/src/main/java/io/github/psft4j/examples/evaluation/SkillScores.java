package io.github.psft4j.examples.evaluation;

import io.github.psft4j.examples.skills.Skill;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The scores of one model.
 *
 * @param step optimizer steps taken when it was measured; 0 is the base model
 * @param accuracy share of held-out problems solved by greedy generation, per skill
 * @param nll negative log-likelihood of held-out additions answered in the new format, nats per token
 * @param targetEntropy entropy of the next-token distribution along those same answers, nats per token
 * @param sampleEntropy entropy of the next-token distribution along the model's own answers, sampled at temperature 1,
 *     nats per token
 */
public record SkillScores(
        int step,
        Map<Skill, Measurement> accuracy,
        Measurement nll,
        Measurement targetEntropy,
        Measurement sampleEntropy) {

    public SkillScores {
        accuracy = Collections.unmodifiableMap(new EnumMap<>(accuracy));
    }

    /** Accuracy at addition, the skill that is fine-tuned. */
    public Measurement inDomain() {
        return accuracy.get(Skill.ADD);
    }

    /** Accuracy over the problems of all other skills. */
    public Measurement outOfDomain() {
        List<Measurement> others = accuracy.entrySet().stream()
                .filter(entry -> entry.getKey() != Skill.ADD)
                .map(Map.Entry::getValue)
                .toList();
        return Measurement.pooled(others);
    }
}
