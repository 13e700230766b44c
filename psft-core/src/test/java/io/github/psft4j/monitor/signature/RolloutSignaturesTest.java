package io.github.psft4j.monitor.signature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.loss.LossReport;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainingPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Warnings about samples of the model: each fires once, where it should, and none in a healthy run. */
class RolloutSignaturesTest {

    /** Two steps per rollout. */
    private static List<Finding> run(int rollouts, Map<String, Double> changes) {
        List<Finding> findings = new ArrayList<>();
        FailureSignatures signatures = new FailureSignatures().tell(findings::add);
        signatures.onStart(new TrainingPlan("grpo", 2 * rollouts, 0, 0, 0, 1000));
        for (int step = 1; step <= 2 * rollouts; step++) {
            Map<String, Double> measures = new HashMap<>(
                    Map.of("reward", 0.5, "dead_groups", 0.4, "truncated", 0.1, "ended", 0.9, "unique_prompts", 1.0));
            measures.put("no_reward", 0.0);
            measures.putAll(changes);
            signatures.onStep(new StepMetrics(
                    new StepMetrics.Position(step, (step + 1) / 2, 1),
                    "grpo",
                    new LossReport(0.1, 1, 1, 1.01, 0.02, 0.01, 0.1, 300),
                    1,
                    1e-4,
                    9000,
                    0,
                    measures));
        }
        signatures.close();
        return findings;
    }

    private static void assertFires(String name, int step, Map<String, Double> changes) {
        List<Finding> findings = run(20, changes);
        assertEquals(List.of(name), findings.stream().map(Finding::signature).toList());
        assertEquals(step, findings.get(0).step());
        assertTrue(findings.get(0).remedy().length() > 20);
    }

    @Test
    void aHealthyRunFiresNothing() {
        assertEquals(List.of(), run(50, Map.of()));
        assertEquals(List.of(), run(50, Map.of("dead_groups", 0.89, "truncated", 0.5, "no_reward", 0.19)));
    }

    @Test
    void groupsOfEqualRewardsFireAfterTenRollouts() {
        assertFires("dead-groups", 19, Map.of("dead_groups", 0.95));
        assertEquals(List.of(), run(9, Map.of("dead_groups", 1.0)));
    }

    @Test
    void samplesThatAreCutOffFireAfterThreeRollouts() {
        assertFires("truncated-samples", 5, Map.of("truncated", 0.51, "ended", 0.49));
    }

    @Test
    void aPromptInSeveralGroupsFiresAtOnce() {
        assertFires("repeated-prompts", 1, Map.of("unique_prompts", 0.75));
    }

    @Test
    void samplesWithoutARewardFireAfterThreeRollouts() {
        assertFires("missing-rewards", 5, Map.of("no_reward", 0.25));
    }
}
