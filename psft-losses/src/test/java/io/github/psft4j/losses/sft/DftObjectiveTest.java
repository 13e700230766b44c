package io.github.psft4j.losses.sft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** DFT against PyTorch autograd and its defining property; {@code psft.golden.losses} names another golden file. */
class DftObjectiveTest {

    private static final IActivation SOFTMAX = new ActivationSoftmax();

    private final TokenLoss loss = new TokenLoss(new DftObjective(), Aggregation.SUM);

    @ParameterizedTest
    @CsvSource({"DOUBLE, 1e-12", "FLOAT, 1e-5"})
    void valueAndGradientMatchPyTorch(DataType type, double tolerance) {
        Path file = Path.of(
                System.getProperty("psft.golden.losses", "src/test/resources/golden/losses/family.safetensors"));
        try (SafetensorsReader golden = SafetensorsReader.open(file)) {
            int vocabulary = (int) golden.info("logits").shape()[2];
            double[] ids =
                    Arrays.stream(golden.readInts("labels")).asDoubleStream().toArray();
            INDArray logits = array(golden.readDoubles("logits"), vocabulary, type); // [B*T, V]
            INDArray labels = array(ids, 1, type); // [B*T, 1]
            INDArray mask = array(golden.readDoubles("mask"), 1, type); // [B*T, 1]
            double[] losses = golden.readDoubles("dft.loss");

            assertEquals(
                    Arrays.stream(losses).sum(), loss.computeScore(labels, logits, SOFTMAX, mask, false), tolerance);
            assertArrayEquals(losses, values(loss.computeScoreArray(labels, logits, SOFTMAX, mask)), tolerance);
            assertArrayEquals(
                    golden.readDoubles("dft.grad"),
                    values(loss.computeGradient(labels, logits, SOFTMAX, mask)),
                    tolerance);
        }
    }

    @Test
    void gradientIsThatOfMinusTheProbability() {
        Random random = new Random(71);
        double step = 1e-4;
        for (int i = 0; i < 200; i++) {
            double[] z = random.doubles(2 + random.nextInt(8), -3, 3).toArray();
            int y = random.nextInt(z.length);
            double[] gradient = gradient(z, y);
            double largest = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
            for (int v = 0; v < z.length; v++) {
                double slope = (probability(z, y, v, step) - probability(z, y, v, -step)) / (2 * step);
                assertEquals(-slope, gradient[v], 1e-6 * largest, "case " + i + ", logit " + v);
            }
        }
    }

    @Test
    void gradientIsSftTimesTheProbabilityAndVanishesForImpossibleTokens() {
        double[] z = {0, 0, -1e4};
        assertArrayEquals(new double[] {-0.25, 0.25, 0}, gradient(z, 0), 1e-15);
        assertArrayEquals(new double[3], gradient(z, 2), "probability 0");
        assertEquals(0, loss.report().value(), "0 log 0");
        assertEquals(1e4 + Math.log(2), loss.report().nll(), 1e-8, "the NLL shows what the value hides");
        assertEquals(0, loss.report().meanCoefficient());
    }

    @Test
    void networkConfigurationSurvivesJsonAndYaml() {
        RnnOutputLayer layer = new RnnOutputLayer.Builder(loss)
                .activation(Activation.SOFTMAX)
                .dataFormat(RNNFormat.NCW)
                .nIn(3)
                .nOut(4)
                .build();
        MultiLayerConfiguration network =
                new NeuralNetConfiguration.Builder().list().layer(layer).build();
        assertEquals(network, MultiLayerConfiguration.fromJson(network.toJson()));
        assertEquals(network, MultiLayerConfiguration.fromYaml(network.toYaml()));
        assertTrue(network.toJson().contains(DftObjective.class.getName()));
        assertEquals(new DftObjective(), new DftObjective());
        assertTrue(!new TokenLoss(new SftObjective(), Aggregation.SUM).equals(loss), "differs from SFT");
    }

    private double[] gradient(double[] z, int y) {
        INDArray logits = array(z, z.length, DataType.DOUBLE); // [1, V]
        INDArray label = array(new double[] {y}, 1, DataType.DOUBLE); // [1, 1]
        return values(loss.computeGradient(label, logits, SOFTMAX, null));
    }

    /** Softmax by loops, with logit v moved by the offset. */
    private static double probability(double[] z, int y, int v, double offset) {
        double sum = 0;
        for (int k = 0; k < z.length; k++) {
            sum += Math.exp(z[k] + (k == v ? offset : 0));
        }
        return Math.exp(z[y] + (y == v ? offset : 0)) / sum;
    }

    private static INDArray array(double[] values, int columns, DataType type) {
        return Nd4j.createFromArray(values)
                .reshape(values.length / columns, columns)
                .castTo(type);
    }

    private static double[] values(INDArray array) {
        return array.castTo(DataType.DOUBLE).dup('c').data().asDouble();
    }
}
