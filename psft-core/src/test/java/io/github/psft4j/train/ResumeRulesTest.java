package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Settings are the same in another process if their values are. */
class ResumeRulesTest {

    /**
     * What {@link TokenObjective} asks of a class that is no record: equals and a constructor for Jackson, no toString.
     */
    static final class Scaled implements TokenObjective {
        private final double factor;

        @JsonCreator
        Scaled(@JsonProperty("factor") double factor) {
            this.factor = factor;
        }

        @Override
        public String name() {
            return "scaled";
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            for (int t = from; t < to; t++) {
                out.set(t, -factor * tokens.logProb(t), factor);
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Scaled s && s.factor == factor;
        }

        @Override
        public int hashCode() {
            return Double.hashCode(factor);
        }
    }

    private static Map<String, String> describe(TokenObjective objective) {
        CausalLm model = TinyRuns.model();
        return ResumeRules.describe(
                PsftTrainer.builder(model).objective(objective).build().settings(),
                new CheckpointFiles.Models(model, null));
    }

    @Test
    void objectivesAreComparedByTheirValues() {
        assertEquals(describe(new Scaled(2)), describe(new Scaled(2)));
        assertNotEquals(describe(new Scaled(2)), describe(new Scaled(3)));
        assertEquals(
                describe(new Scaled(2).plus(0.5, new Scaled(1))), describe(new Scaled(2).plus(0.5, new Scaled(1))));
    }

    private static CheckpointFiles.State state(Map<String, String> settings) {
        return new CheckpointFiles.State(null, settings, "data", null);
    }

    @Test
    void aDifferenceHasTheNameThatUsersOfTheCommandKnow() {
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> ResumeRules.check(
                        Path.of("c"),
                        state(Map.of("macroBatch", "8", "beta1", "0.9")),
                        state(Map.of("macroBatch", "16", "beta1", "0.8"))));
        assertTrue(e.getMessage().contains("batch.macro: 8 -> 16"), e.getMessage());
        assertTrue(e.getMessage().contains("optimizer.beta1: 0.9 -> 0.8"), e.getMessage());
    }
}
