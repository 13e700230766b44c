package io.github.psft4j.examples.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.examples.experiment.kit.Study;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.RlResult;
import io.github.psft4j.examples.experiment.run.RlTrial;
import io.github.psft4j.examples.experiment.run.Trial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RlStudyTest {

    private static final RlStudy STUDY = new RlStudy();

    @TempDir
    Path directory;

    @Test
    void theVerdictFollowsTheRuns() throws IOException {
        assertEquals("holds", others("more", 0.9, 0.5, 3));
        assertEquals("does not hold: the opposite shows", others("less", 0.5, 0.9, 3));
        assertEquals("does not show", others("equal", 0.7, 0.7, 3));
        assertEquals("not run", others("two seeds", 0.9, 0.5, 2));
    }

    /** The verdict on what is left of the other skills, if these shares are left from PSFT and from SFT. */
    private String others(String name, double psft, double sft, int seeds) throws IOException {
        ResultFiles files = rates(name, 0.05, 0.05);
        for (RlTrial trial : STUDY.planned(files)) {
            for (long seed = 1; seed <= seeds; seed++) {
                boolean fromPsft = trial.start() != null && trial.start().method() == Trial.Method.PSFT;
                files.add(trial, run(seed, fromPsft ? psft : sft, 0.5));
            }
        }
        Study.Result result = STUDY.result(files);
        Study.Claim claim = result.claims().get(1);
        assertTrue(claim.here().contains("other skills"), claim.here());
        assertTrue(result.page().contains("is left than from SFT\": **" + claim.verdict() + "**"), result.page());
        return claim.verdict();
    }

    @Test
    void startsFollowTheResultsOfTheRates() throws IOException {
        ResultFiles files = rates("starts", 0.05, 0.04);
        List<RlStart.Pair> pairs = RlStart.pairs(files);
        assertEquals(Trial.sft(5e-5), pairs.get(0).sft().tuning());
        assertEquals(Trial.psft(5e-5), pairs.get(1).psft().tuning());
        assertEquals(
                "rl-grpo-psft-5.0E-5-nll0.1", pairs.get(1).psft().with("grpo").id());
        assertEquals("rl-rloo-base", RlStart.BASE.with("rloo").id());
    }

    @Test
    void stepsCountUpToTheFirstRolloutAtTheGoal() {
        RlResult run = run(1, 0.5, 0.9);
        assertTrue(run.reaches());
        assertEquals(16 * RlTrial.UPDATES, run.stepsToGoal());
        assertEquals(0.9, run.finalReward(), 1e-9);
        assertEquals(0.65, run.meanReward(), 1e-9);
        RlResult low = run(1, 0.5, 0.8);
        assertFalse(low.reaches());
        assertEquals(RlTrial.ROLLOUTS * RlTrial.UPDATES, low.stepsToGoal());
    }

    /** Results of all rates, two seeds each; {@code best} is the NLL at 5e-5, {@code nll} that of the others. */
    private ResultFiles rates(String name, double nll, double best) throws IOException {
        ResultFiles files = new ResultFiles(directory.resolve(name));
        for (Trial trial : new LearningRateStudy().trials()) {
            for (long seed = 1; seed <= 2; seed++) {
                files.add(trial, MadeUpRuns.run(seed, 0.5, trial.rate() == 5e-5 ? best : nll));
            }
        }
        return files;
    }

    /** A run that ends with {@code others} of the other skills; its reward is 0.4 in the first half, then that. */
    private static RlResult run(long seed, double others, double reward) {
        int[] rewards = new int[RlTrial.ROLLOUTS];
        Arrays.fill(rewards, 4000);
        Arrays.fill(rewards, RlTrial.ROLLOUTS / 2, RlTrial.ROLLOUTS, (int) Math.round(reward * 1e4));
        int[] right = new int[RlTrial.PASS_PROBLEMS];
        return new RlResult(seed, 1, 0, MadeUpRuns.run(seed, others, 0.1).points(), rewards, rewards, right, right);
    }
}
