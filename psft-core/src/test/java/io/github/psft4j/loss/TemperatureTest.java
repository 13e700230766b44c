package io.github.psft4j.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The loss of softmax(logits / T): value and gradient against the loss of divided logits and finite differences. */
class TemperatureTest {

    private static final int ROWS = 4;
    private static final int VOCABULARY = 7;

    private final INDArray logits = Nd4j.create(DataType.DOUBLE, ROWS, VOCABULARY);
    private final INDArray labels = Nd4j.create(DataType.DOUBLE, ROWS, 1);

    TemperatureTest() {
        Random random = new Random(3);
        for (int r = 0; r < ROWS; r++) {
            labels.putScalar(r, 0, random.nextInt(VOCABULARY));
            for (int v = 0; v < VOCABULARY; v++) {
                logits.putScalar(r, v, 2 * random.nextGaussian());
            }
        }
    }

    private double value(TokenLoss loss, INDArray z) {
        return loss.computeScore(labels, z, new ActivationIdentity(), null, false);
    }

    private double[] gradient(TokenLoss loss, INDArray z) {
        return loss.computeGradient(labels, z, new ActivationIdentity(), null)
                .dup('c')
                .data()
                .asDouble();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 1.7})
    void valueLogProbsAndGradientAreThoseOfTheTemperedPolicy(double temperature) {
        TokenLoss plain = new TokenLoss(new SftObjective());
        TokenLoss tempered = plain.withTemperature(temperature);
        INDArray divided = logits.div(temperature);
        assertEquals(value(plain, divided), value(tempered, logits), 1e-12);
        assertArrayEquals(plain.logProbs(), tempered.logProbs(), 1e-12);
        double[] gradient = gradient(tempered, logits);
        double[] ofDivided = gradient(plain, divided);
        double h = 1e-6;
        for (int i = 0; i < gradient.length; i++) {
            assertEquals(ofDivided[i] / temperature, gradient[i], 1e-12);
            INDArray up = logits.dup();
            INDArray down = logits.dup();
            up.putScalar(i / VOCABULARY, i % VOCABULARY, logits.getDouble(i / VOCABULARY, i % VOCABULARY) + h);
            down.putScalar(i / VOCABULARY, i % VOCABULARY, logits.getDouble(i / VOCABULARY, i % VOCABULARY) - h);
            assertEquals((value(tempered, up) - value(tempered, down)) / (2 * h), gradient[i], 1e-8);
        }
        assertTrue(temperature == 1 || Math.abs(value(plain, logits) - value(tempered, logits)) > 1e-3);
    }
}
