package io.github.psft4j.train.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.checkpoint.CheckpointStore;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new source of macro-batches is one class: it fills a column of its own, trains, and resumes to the last bit. */
class OwnSourceTest {

    private static final int STEPS = 7;
    private static final List<Demonstration> SEQUENCES =
            List.of(Demonstration.ofText(new int[] {1, 2, 3, 4}), Demonstration.ofText(new int[] {1, 5, 6}));

    @TempDir
    Path dir;

    /**
     * Macro-batches of three steps, each of the same two sequences; the policy shall like the first one and not the
     * second.
     */
    private static final class LikedAndDisliked implements MacroBatchSource {

        private int given; // mini-batches

        @Override
        public MacroBatch next(CausalLm policy, int steps) {
            return draw(3);
        }

        @Override
        public MacroBatch resume(int trained, int left) {
            given = trained;
            return draw(left);
        }

        private MacroBatch draw(int count) {
            List<MiniBatch> batches = new ArrayList<>();
            for (int i = 0; i < count; i++, given++) {
                batches.add(new MiniBatch(1, 1 + given / 3, new int[] {0, 1}, SEQUENCES));
            }
            MacroBatch macro = new MacroBatch(batches);
            macro.column(Column.ADVANTAGE).put(0, new double[] {1, 1, 1});
            macro.column(Column.ADVANTAGE).put(1, new double[] {-0.5, -0.5});
            return macro;
        }

        @Override
        public Set<Column> fills() {
            return Set.of(Column.ADVANTAGE);
        }

        @Override
        public String fingerprint() {
            return "liked and disliked";
        }
    }

    /** Policy gradient: loss -A log p. */
    private record PolicyGradient() implements TokenObjective {
        @Override
        public String name() {
            return "policy-gradient";
        }

        @Override
        public Set<Column> columns() {
            return Set.of(Column.ADVANTAGE);
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            for (int t = from; t < to; t++) {
                double advantage = tokens.column(Column.ADVANTAGE, t);
                out.set(t, -advantage * tokens.logProb(t), advantage);
            }
        }
    }

    private static CausalLm model() {
        DecoderConfig config = DecoderConfig.builder()
                .vocabSize(9)
                .hiddenSize(8)
                .heads(2)
                .layers(1)
                .intermediateSize(8)
                .build();
        return CausalLm.create(config, null, 1);
    }

    private static TrainerBuilder builder(CausalLm model) {
        return PsftTrainer.builder(model)
                .objective(new PolicyGradient())
                .learningRate(1e-2)
                .warmupSteps(0)
                .maxSteps(STEPS);
    }

    @Test
    void aSourceOfItsOwnTrainsWithItsOwnColumn() {
        List<StepMetrics> steps = new ArrayList<>();
        TrainerListener recorder = new TrainerListener() {
            @Override
            public void onStep(StepMetrics metrics) {
                steps.add(metrics);
            }
        };
        builder(model()).listener(recorder).build().fit(new LikedAndDisliked());
        assertEquals(STEPS, steps.size());
        assertEquals(3, steps.get(6).macroStep());
        assertTrue(steps.get(6).loss() < steps.get(0).loss());
    }

    @Test
    void itResumesToTheLastBit() {
        CausalLm straight = model();
        builder(straight)
                .checkpoints(CheckpointPolicy.every(1, dir).keep(STEPS, 0))
                .build()
                .fit(new LikedAndDisliked());
        for (int step = 1; step < STEPS; step++) {
            CausalLm resumed = model();
            Path checkpoint = new CheckpointStore(dir).directory(step);
            builder(resumed).resume(checkpoint).build().fit(new LikedAndDisliked());
            assertArrayEquals(weights(straight), weights(resumed), "resumed after " + step);
        }
    }

    @Test
    void whatASourceCannotDoIsNamed() {
        assertMessage(
                "needs label columns [ADVANTAGE], which DemonstrationSource does not fill",
                () -> builder(model()).build().fit(SEQUENCES));
        assertMessage(
                "needs maxSteps", () -> builder(model()).maxSteps(0).build().fit(new LikedAndDisliked()));
    }

    private static void assertMessage(String part, Runnable bad) {
        String message = assertThrows(IllegalArgumentException.class, bad::run).getMessage();
        assertTrue(message.contains(part), message);
    }

    private static float[] weights(CausalLm model) {
        return model.graph().params().dup().data().asFloat();
    }
}
