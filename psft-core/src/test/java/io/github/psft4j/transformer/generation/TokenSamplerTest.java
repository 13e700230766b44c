package io.github.psft4j.transformer.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.kernel.choose.TensorOpsFactory;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class TokenSamplerTest {

    private static final int VOCABULARY = 1_000; // several blocks of weights, and a rest

    /** A random number in the middle of a token's part of [0, 1) draws that token, in whichever block it lies. */
    @Test
    void everyTokenHasItsOwnPartOfTheUnitInterval() {
        double temperature = 0.7;
        GenerationConfig settings =
                GenerationConfig.builder().temperature(temperature).build();
        TokenSampler sampler = new TokenSampler(
                settings, VOCABULARY, TensorOpsFactory.forType(DataType.FLOAT).vectors());
        SplittableRandom random = new SplittableRandom(3);
        float[] logits = new float[VOCABULARY];
        double mass = 0;
        for (int v = 0; v < VOCABULARY; v++) {
            logits[v] = (float) (4 * random.nextDouble());
            mass += Math.exp(logits[v] / temperature);
        }
        double below = 0; // mass of the tokens before
        for (int v = 0; v < VOCABULARY; v++) {
            double own = Math.exp(logits[v] / temperature);
            assertEquals(v, sampler.choose(logits.clone(), new int[0], 0, (below + own / 2) / mass));
            below += own;
        }
    }
}
