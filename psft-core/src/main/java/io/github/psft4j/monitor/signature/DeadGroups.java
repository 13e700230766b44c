package io.github.psft4j.monitor.signature;

import io.github.psft4j.train.StepMetrics;

/**
 * The samples of most prompts have equal rewards, which teach nothing: over {@value #ROLLOUTS} rollouts at least
 * {@value #LIMIT} of the groups.
 */
final class DeadGroups implements FailureSignature {

    static final int ROLLOUTS = 10;
    static final double LIMIT = 0.9;
    private static final String REMEDY =
            "a group of equal rewards has the advantage 0: choose prompts that the model solves sometimes, raise"
                    + " rollout.temperature or rollout.group_size, give partial credit by a second reward, or set"
                    + " rollout.dynamic_sampling: 4";
    private static final String OBSERVED =
            "in %d rollouts %.0f %% of the groups had equal rewards; the mean reward was %.3g";

    private final RolloutMeans means = new RolloutMeans(ROLLOUTS, "dead_groups", "reward");

    @Override
    public Finding check(StepMetrics m) {
        boolean most = means.add(m) && means.of("dead_groups") >= LIMIT;
        return most
                ? found(m, "dead-groups", REMEDY, OBSERVED, ROLLOUTS, 100 * means.of("dead_groups"), means.of("reward"))
                : null;
    }
}
