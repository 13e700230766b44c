package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;

/** More than half of the samples are cut off at the limit of tokens, over {@value #ROLLOUTS} rollouts. */
final class TruncatedSamples implements FailureSignature {

    static final int ROLLOUTS = 3;
    static final double LIMIT = 0.5;
    private static final String REMEDY =
            "a sample that is cut off has no answer to judge: raise rollout.max_new_tokens, or check that the model's"
                    + " end of sequence is one that its chat template writes (eos_token_id of generation_config.json;"
                    + " psft inspect shows it)";
    private static final String OBSERVED =
            "in %d rollouts %.0f %% of the samples reached rollout.max_new_tokens; %.0f %% ended by an end of sequence";

    private final RolloutMeans means = new RolloutMeans(ROLLOUTS, "truncated", "ended");

    @Override
    public Finding check(StepMetrics m) {
        boolean most = means.add(m) && means.of("truncated") > LIMIT;
        return most
                ? found(
                        m,
                        "truncated-samples",
                        REMEDY,
                        OBSERVED,
                        ROLLOUTS,
                        100 * means.of("truncated"),
                        100 * means.of("ended"))
                : null;
    }
}
