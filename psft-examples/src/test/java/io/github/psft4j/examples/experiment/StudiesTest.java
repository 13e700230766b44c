package io.github.psft4j.examples.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.examples.experiment.kit.EqualNll;
import io.github.psft4j.examples.experiment.kit.Estimate;
import io.github.psft4j.examples.experiment.kit.Resampling;
import io.github.psft4j.examples.experiment.kit.Study;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.examples.experiment.run.TrialResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudiesTest {

    private static final Path COMMITTED = Path.of("..", "docs");
    private static final LearningRateStudy RATES = new LearningRateStudy();

    @TempDir
    Path directory;

    @Test
    void theCommittedPagesAreWhatTheCommittedResultsMake() throws IOException {
        Map<String, String> made = Studies.made(new ResultFiles(COMMITTED));
        for (Map.Entry<String, String> file : made.entrySet()) {
            assertEquals(file.getValue(), Files.readString(COMMITTED.resolve(file.getKey())), file.getKey());
        }
    }

    @Test
    void otherNumbersOverturnTheVerdict() throws IOException {
        assertEquals("holds", retention("more", 0.9, 0.5, "**It is the method**"));
        assertEquals("does not hold: the opposite shows", retention("less", 0.5, 0.9, "**It is neither**"));
        assertEquals("does not show", retention("equal", 0.7, 0.7, "**It is neither**"));
    }

    /** The verdict on "forgets less" if PSFT and SFT keep these shares of the other skills. */
    private String retention(String name, double psft, double sft, String headline) throws IOException {
        ResultFiles files = new ResultFiles(directory.resolve(name));
        for (Trial trial : RATES.trials()) {
            for (long seed = 1; seed <= 3; seed++) {
                double others = trial.method() == Trial.Method.PSFT ? psft : sft;
                files.add(trial, MadeUpRuns.run(seed, others + 0.01 * seed, 0.05));
            }
        }
        Study.Result result = RATES.result(files);
        assertTrue(result.page().contains(headline), result.page());
        String verdict = result.claims().get(0).verdict();
        assertTrue(result.page().contains("forgets less of the other skills\": **" + verdict + "**"), result.page());
        return verdict;
    }

    @Test
    void runsAreComparedWhereTheirNllIsEqual() {
        TrialResult run = MadeUpRuns.run(1, 0.4, 0.01);
        assertEquals(0.01, EqualNll.lowest(run));
        // Halfway in the logarithm between 0.1 at 80 % and 0.01 at 40 %.
        double[] others = EqualNll.at(run, Math.sqrt(0.1 * 0.01), EqualNll.OTHERS);
        assertEquals(0.6, Arrays.stream(others).average().orElseThrow(), 1e-9);
        assertArrayEquals(new double[] {1}, EqualNll.at(run, 1, EqualNll.SAMPLE_ENTROPY), "at the base model");
    }

    @Test
    void anIntervalHasTheSpreadOfSeedsAndOfProblems() {
        double[][] level = {{0.5, 0.5}, {0.5, 0.5}};
        assertEquals(new Estimate(0.5, 0.5, 0.5), Resampling.estimate(2, draw -> draw.mean(level)));
        double[][] seeds = {{0, 0}, {1, 1}};
        assertEquals(new Estimate(0.5, 0, 1), Resampling.estimate(2, draw -> draw.mean(seeds)));
        double[][] problems = {{0, 1}, {0, 1}};
        assertEquals(new Estimate(0.5, 0, 1), Resampling.estimate(2, draw -> draw.mean(problems)));
        assertEquals(
                new Estimate(0, 0, 0),
                Resampling.estimate(2, draw -> draw.mean(problems) - draw.mean(problems)),
                "the same problems in both");
    }

    @Test
    void aTrialWithoutRunsAndADamagedLineAreNamed() throws IOException {
        ResultFiles files = new ResultFiles(directory);
        files.add(Trial.sft(1.5e-5), MadeUpRuns.run(1, 0.5, 0.1));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> RATES.result(files))
                .getMessage()
                .contains("sft-1.5E-5"));
        Path file = directory.resolve("experiments/results/sft-1.5E-5.jsonl");
        Files.writeString(file, Files.readString(file) + "{\"seed\":2,");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> files.of(Trial.sft(1.5e-5)))
                .getMessage()
                .contains("line 2 of " + file));
    }
}
