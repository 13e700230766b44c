package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that came to its end and trained nothing is an error that names the cause. */
class VoidRunTest {

    private static final List<Demonstration> DATA = TinyRuns.demonstrations(24);

    @TempDir
    Path dir;

    private static String cause(TrainerBuilder builder, List<Demonstration> data) {
        VoidRunException e =
                assertThrows(VoidRunException.class, () -> builder.build().fit(data));
        assertFalse(e.isModelUsable(), e.getMessage());
        return e.getMessage();
    }

    private static void assertContains(String message, String part) {
        assertTrue(message.contains(part), message);
    }

    @Test
    void updatesBelowThePrecisionOfTheWeightsAreNoTraining() {
        String message = cause(TinyRuns.trainer(TinyRuns.model()).learningRate(1e-30), DATA);
        assertContains(message, "no update changed a weight: with a learning rate of 1.0E-30");
    }

    @Test
    void demonstrationsWithoutATrainedTokenAreNoTraining() {
        List<Demonstration> untrained = DATA.stream()
                .map(d -> new Demonstration(d.tokens(), new boolean[d.length()]))
                .toList();
        assertContains(cause(TinyRuns.trainer(TinyRuns.model()), untrained), "no step had a trained token");
    }

    /** An objective that forgets to write its terms. */
    private static final class Zero implements TokenObjective {
        @Override
        public String name() {
            return "zero";
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            for (int t = from; t < to; t++) {
                out.set(t, 0, 0);
            }
        }
    }

    /** Weight decay alone changes weights, but learns nothing. */
    @Test
    void gradientsThatAreAllZeroAreNoTraining() {
        TrainerBuilder builder =
                TinyRuns.trainer(TinyRuns.model()).objective(new Zero()).weightDecay(0.1);
        assertContains(cause(builder, DATA), "the gradient was 0 in every step");
    }

    @Test
    void onlySkippedStepsAreNoTraining() {
        TrainerBuilder builder = Overflowing.trainer(Overflowing.model()).maxSkippedInARow(5);
        assertContains(cause(builder, Overflowing.demonstrations(4, 0, 2)), "all 2 steps were skipped");
    }

    @Test
    void weightsThatAreNotFiniteAreNoResultAndNoCheckpoint() {
        TrainerBuilder builder = TinyRuns.trainer(TinyRuns.model())
                .learningRate(1e300)
                .maxSteps(1)
                .checkpoints(CheckpointPolicy.every(1, dir));
        assertContains(cause(builder, DATA), "weights are not finite after step 1");
        assertEquals(List.of(), new CheckpointStore(dir).list(), "a resume would go on from it");
    }

    @Test
    void aLastStepThatWasSkippedIsAnErrorButLeavesTheTrainedModel() {
        TinyRuns.Recorder recorder = new TinyRuns.Recorder();
        PsftTrainer trainer = Overflowing.trainer(Overflowing.model())
                .objective(new SftObjective())
                .checkpoints(CheckpointPolicy.every(100, dir))
                .listener(recorder)
                .build();
        VoidRunException e =
                assertThrows(VoidRunException.class, () -> trainer.fit(Overflowing.demonstrations(16, 15)));
        assertContains(e.getMessage(), "the last step was skipped");
        assertTrue(e.isModelUsable() && recorder.closed);
        assertEquals(8, new CheckpointStore(dir).list().get(0).step(), "the trained weights are not lost");
    }

    /** A resume does not turn a void run into a good one; a finished good one stays good. */
    @Test
    void aResumeIsJudgedByTheWholeRun() {
        TrainerBuilder first = TinyRuns.trainer(TinyRuns.model())
                .learningRate(1e-30)
                .checkpoints(CheckpointPolicy.every(5, dir).synchronous());
        cause(first, DATA);
        CheckpointStore store = new CheckpointStore(dir);
        Path last = store.newestIntact().orElseThrow();
        assertEquals("step-00000010", last.getFileName().toString());
        TrainerBuilder again =
                TinyRuns.trainer(TinyRuns.model()).learningRate(1e-30).resume(last);
        assertContains(cause(again, DATA), "no update changed a weight");

        Path good = dir.resolve("good");
        TinyRuns.trainer(TinyRuns.model())
                .checkpoints(CheckpointPolicy.every(5, good).synchronous())
                .build()
                .fit(DATA);
        CausalLm model = TinyRuns.model();
        TrainingSummary summary = TinyRuns.trainer(model)
                .resume(new CheckpointStore(good).newestIntact().orElseThrow())
                .build()
                .fit(DATA);
        assertEquals(12, summary.steps());
    }
}
