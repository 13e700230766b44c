package io.github.psft4j.examples.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.examples.experiment.kit.Study;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.SmolResult;
import io.github.psft4j.examples.experiment.run.SmolTrial;
import io.github.psft4j.examples.experiment.run.Trial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmolStudyTest {

    private static final SmolStudy STUDY = new SmolStudy();
    private static final int ROWS = 20;

    @TempDir
    Path directory;

    @Test
    void theVerdictFollowsTheRuns() throws IOException {
        assertEquals("holds", drift("less", trial -> trial.method() == Trial.Method.PSFT ? 0.1 : 0.2));
        assertEquals(
                "does not hold: the opposite shows",
                drift("more", trial -> trial.method() == Trial.Method.PSFT ? 0.2 : 0.1));
        assertEquals("depends", drift("at the low rate", trial -> trial.rate() == 1e-6 ? 0.1 : 0.2));
    }

    private String drift(String name, ToDoubleFunction<SmolTrial> kl) throws IOException {
        ResultFiles files = new ResultFiles(directory.resolve(name));
        for (SmolTrial trial : STUDY.planned(files)) {
            files.add(trial, run(kl.applyAsDouble(trial)));
        }
        Study.Result result = STUDY.result(files);
        String verdict = result.claims().get(0).verdict();
        assertTrue(result.page().contains("drifts less from the base model\": **" + verdict + "**"), result.page());
        return verdict;
    }

    @Test
    void withoutRunsThePageSaysSo() throws IOException {
        Study.Result result = STUDY.result(new ResultFiles(directory.resolve("none")));
        assertTrue(result.claims().stream().allMatch(claim -> claim.verdict().equals("not run")));
        assertTrue(result.charts().isEmpty());
        assertTrue(result.page().contains("- Not measured: no advice."), result.page());
    }

    /** Rows that differ a little, around the value. */
    private static SmolResult run(double kl) {
        double[] rows = new double[ROWS];
        Arrays.setAll(rows, i -> kl * (1 + 0.01 * i));
        int[] steps = new int[2 * SmolTrial.K];
        return new SmolResult(
                1,
                60,
                Map.of("nll", rows, "kl", rows, "chats", rows, "choices", rows, "entropy", rows),
                Map.of("gradNorm", steps, "nll", steps, "entropy", steps, "clip", steps));
    }
}
