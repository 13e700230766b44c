package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;

/** At least {@value #LIMIT} of the samples of {@value #ROLLOUTS} rollouts have no reward. */
final class MissingRewards implements FailureSignature {

    static final int ROLLOUTS = 3;
    static final double LIMIT = 0.2;
    private static final String REMEDY =
            "a sample without a reward is not trained: the log names what failed, samples.jsonl the samples; correct"
                    + " the reward, raise reward.time_limit, or leave out the prompts that it does not apply to";
    private static final String OBSERVED = "in %d rollouts %.0f %% of the samples had no reward";

    private final RolloutMeans means = new RolloutMeans(ROLLOUTS, "no_reward");

    @Override
    public Finding check(StepMetrics m) {
        boolean many = means.add(m) && means.of("no_reward") >= LIMIT;
        return many ? found(m, "missing-rewards", REMEDY, OBSERVED, ROLLOUTS, 100 * means.of("no_reward")) : null;
    }
}
