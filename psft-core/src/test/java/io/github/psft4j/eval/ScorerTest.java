package io.github.psft4j.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.RopeScaling;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Scores are the model's, and do not depend on how sequences share passes and rows. */
class ScorerTest {

    @Test
    void packedScoresEqualThoseOfOneSequenceAtATime() {
        CausalLm model = tiny();
        Random random = new Random(4);
        List<Demonstration> sequences = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            sequences.add(Demonstration.of(
                    random.ints(1 + random.nextInt(4), 0, 19).toArray(),
                    random.ints(1 + random.nextInt(11), 0, 19).toArray()));
        }
        List<TokenScores> alone = new Scorer(model, 1).score(sequences);
        List<TokenScores> packed = new Scorer(model, 5, 32).score(sequences);
        for (int i = 0; i < alone.size(); i++) {
            assertArrayEquals(alone.get(i).logProbs(), packed.get(i).logProbs(), 1e-5f, "log-probs of " + i);
            assertArrayEquals(alone.get(i).entropies(), packed.get(i).entropies(), 1e-5f, "entropies of " + i);
        }
        double nll = new Scorer(model, 1).report(sequences).nll();
        assertEquals(nll, new Scorer(model, 9, 16).report(sequences).nll(), 1e-6);
        assertArrayEquals(
                new Scorer(model, 1).topMasses(sequences, 3), new Scorer(model, 5, 32).topMasses(sequences, 3), 1e-5);
    }

    /** Dynamic RoPE scaling turns a pass by its longest sequence; transformers scores one sequence at a time. */
    @Test
    void withDynamicRopeALongSequenceDoesNotChangeTheScoresOfItsNeighbours() {
        DecoderConfig config = DecoderConfig.builder()
                .vocabSize(19)
                .hiddenSize(16)
                .intermediateSize(20)
                .layers(2)
                .heads(4)
                .kvHeads(2)
                .maxPositions(8)
                .ropeScaling(RopeScaling.dynamic(2))
                .initializerRange(0.2)
                .build();
        CausalLm model = CausalLm.create(config, null, 11);
        Random random = new Random(4);
        List<Demonstration> sequences = new ArrayList<>();
        for (int length : new int[] {5, 20, 20, 9, 12, 3, 7}) {
            sequences.add(Demonstration.ofText(random.ints(length, 0, 19).toArray()));
        }
        List<TokenScores> alone = new Scorer(model, 1).score(sequences);
        List<TokenScores> together = new Scorer(model, 7).score(sequences);
        for (int i = 0; i < alone.size(); i++) {
            assertArrayEquals(alone.get(i).logProbs(), together.get(i).logProbs(), 1e-5f, "log-probs of " + i);
        }
    }

    /** Every third log-prob from position 40 on, by transformers 5.24.0; the model was pretrained for 32 positions. */
    @Test
    void withDynamicRopeALongSequenceIsTurnedByAllItsTokens() {
        CausalLm model = CausalLm.load(Path.of("src/test/resources/models/dynamic-rope"));
        int[] tokens = IntStream.range(0, 60).map(i -> (7 * i + 3) % 64).toArray();
        float[] logProbs = new Scorer(model, 4)
                .score(List.of(Demonstration.ofText(tokens)))
                .get(0)
                .logProbs();
        assertEquals(59, logProbs.length);
        double[] expected = {-4.157249, -4.016502, -4.590508, -3.789681, -3.72491, -3.526262, -3.925222};
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], logProbs[40 + 3 * i], 1e-5, "position " + (40 + 3 * i));
        }
    }

    @Test
    void topMassIsTheProbabilityOfTheLikeliestToken() {
        CausalLm model = tiny();
        int[] prompt = {3, 1, 4};
        int likeliest = model.generate(List.of(prompt), GenerationConfig.greedy(1))
                .get(0)
                .newTokens()[0];
        double[] mass = new Scorer(model, 1).topMasses(List.of(Demonstration.of(prompt, new int[] {likeliest})), 1);
        double logProb = new Scorer(model, 1)
                .report(List.of(Demonstration.of(prompt, new int[] {likeliest})))
                .nll();
        assertArrayEquals(new double[] {Math.exp(-logProb)}, mass, 1e-6);
    }

    /**
     * The last token of a sequence is no input: without a check its log-prob was that of the next row's first token.
     */
    @Test
    void targetOutsideTheVocabularyIsNamed() {
        List<Demonstration> sequences =
                List.of(Demonstration.ofText(new int[] {1, 2, 19}), Demonstration.ofText(new int[] {1, 2, 3, 4}));
        for (int packing : new int[] {0, 32}) {
            Scorer scorer = new Scorer(tiny(), 4, packing);
            String message = assertThrows(IllegalArgumentException.class, () -> scorer.score(sequences))
                    .getMessage();
            assertTrue(message.startsWith("token id 19 to be predicted in sequence 0"), message);
        }
    }

    private static CausalLm tiny() {
        return CausalLm.create(
                DecoderConfig.builder()
                        .vocabSize(19)
                        .hiddenSize(16)
                        .intermediateSize(20)
                        .layers(2)
                        .heads(4)
                        .kvHeads(2)
                        .maxPositions(16)
                        .initializerRange(0.2)
                        .build(),
                null,
                11);
    }
}
