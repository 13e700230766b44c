package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;

/** A rollout has the same prompt in several groups. */
final class RepeatedPrompts implements FailureSignature {

    private static final String REMEDY =
            "the same prompt twice is a larger group, not more data: take the doubles out of data.train, or give more"
                    + " prompts than batch.macro / rollout.group_size";
    private static final String OBSERVED = "only %.0f %% of the prompts of a rollout differ";

    @Override
    public Finding check(StepMetrics m) {
        double unique = m.measures().getOrDefault("unique_prompts", 1.0);
        return unique < 1 ? found(m, "repeated-prompts", REMEDY, OBSERVED, 100 * unique) : null;
    }
}
