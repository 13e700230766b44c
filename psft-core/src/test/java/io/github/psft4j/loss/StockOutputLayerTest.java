package io.github.psft4j.loss;

import static io.github.psft4j.loss.TokenRows.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** The loss inside a small LSTM network of stock Deeplearning4j layers, workspaces and all. */
class StockOutputLayerTest {

    private static final int B = 3;
    private static final int T = 5;
    private static final int V = 7;

    private final Random random = new Random(51);

    private static MultiLayerNetwork net(TokenLoss loss, DataType type, Activation activation, boolean miniBatch) {
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(type)
                .updater(new Sgd(1))
                .miniBatch(miniBatch)
                .list()
                .layer(new LSTM.Builder()
                        .dataFormat(RNNFormat.NCW)
                        .nIn(4)
                        .nOut(6)
                        .build())
                .layer(new RnnOutputLayer.Builder(loss)
                        .activation(activation)
                        .dataFormat(RNNFormat.NCW)
                        .nIn(6)
                        .nOut(V)
                        .build())
                .build());
        net.init();
        return net;
    }

    /** Old log-probs so far around those of a new network that some ratios are clipped. */
    private DataSet data(DataType type) {
        INDArray features = Nd4j.createUninitialized(DataType.DOUBLE, B, 4, T);
        INDArray labels = Nd4j.createUninitialized(DataType.DOUBLE, B, 2, T);
        INDArray mask = Nd4j.ones(DataType.DOUBLE, B, T);
        for (int b = 0; b < B; b++) {
            for (int t = 0; t < T; t++) {
                for (int f = 0; f < 4; f++) {
                    features.putScalar(b, f, t, 3 * random.nextGaussian());
                }
                labels.putScalar(b, 0, t, random.nextInt(V));
                labels.putScalar(b, 1, t, -Math.log(V) + 0.5 * random.nextGaussian());
                mask.putScalar(b, t, t < 2 + b ? 1 : 0);
            }
        }
        return new DataSet(features.castTo(type), labels.castTo(type), null, mask.castTo(type));
    }

    @ParameterizedTest
    @CsvSource({"SOFTMAX", "IDENTITY"})
    void networkGradientIsTheDerivativeOfTheNetworkScore(Activation activation) {
        PsftLoss loss = new PsftLoss();
        MultiLayerNetwork net = net(loss, DataType.DOUBLE, activation, false);
        DataSet data = data(DataType.DOUBLE);
        double[] gradient = gradient(net, data);
        assertTrue(loss.report().clipFraction() > 0 && loss.report().clipFraction() < 0.7, "some clipped, some not");
        double largest = 0;
        for (double g : gradient) {
            largest = Math.max(largest, Math.abs(g));
        }
        double step = 1e-5;
        INDArray params = net.params();
        for (int i = 0; i < gradient.length; i++) {
            double value = params.getDouble(i);
            params.putScalar(i, value + step);
            double above = net.score(data);
            params.putScalar(i, value - step);
            double below = net.score(data);
            params.putScalar(i, value);
            assertEquals((above - below) / (2 * step), gradient[i], 1e-6 * largest, "parameter " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({"SOFTMAX", "IDENTITY"})
    void floatNetworkAgreesWithDoubleNetwork(Activation activation) {
        DataSet data = data(DataType.DOUBLE);
        MultiLayerNetwork exact = net(new PsftLoss(), DataType.DOUBLE, activation, false);
        MultiLayerNetwork net = net(new PsftLoss(), DataType.FLOAT, activation, false);
        net.setParams(exact.params().castTo(DataType.FLOAT));
        DataSet floats = new DataSet(
                data.getFeatures().castTo(DataType.FLOAT),
                data.getLabels().castTo(DataType.FLOAT),
                null,
                data.getLabelsMaskArray().castTo(DataType.FLOAT));
        assertEquals(exact.score(data), net.score(floats), 1e-5);
        assertArrayEquals(gradient(exact, data), gradient(net, floats), 1e-5);
    }

    @ParameterizedTest
    @CsvSource({"false, FLOAT", "true, FLOAT", "false, DOUBLE"})
    void fitMovesTheOutputLayerByTheGradientOfTheLossAlone(boolean miniBatch, DataType type) {
        PsftLoss loss = new PsftLoss();
        MultiLayerNetwork net = net(loss, type, Activation.SOFTMAX, miniBatch);
        DataSet data = data(type);
        INDArray labels = data.getLabels().dup();
        INDArray mask = data.getLabelsMaskArray().dup();
        INDArray rows = rowsOf(net.feedForward(data.getFeatures()).get(1)); // [T*B, 6], input of the output layer
        INDArray logits = rows.mmul(net.getParam("1_W")).addiRowVector(net.getParam("1_b"));
        INDArray rowLabels = rowsOf(data.getLabels()); // [T*B, 2]
        INDArray rowMask = rowsOf(data.getLabelsMaskArray().reshape(B, 1, T)); // [T*B, 1]
        TokenLoss outside = new PsftLoss();
        double score = outside.computeScore(rowLabels, logits, TokenRows.SOFTMAX, rowMask, false);
        INDArray delta = outside.computeGradient(rowLabels, logits, TokenRows.SOFTMAX, rowMask); // [T*B, V]
        double divisor = miniBatch ? B : 1; // miniBatch(true) divides what is a mean already once more
        INDArray weight = net.getParam("1_W").sub(rows.transpose().mmul(delta).div(divisor));
        INDArray bias = net.getParam("1_b").sub(delta.sum(0).reshape(1, V).div(divisor));

        net.fit(data); // Sgd with learning rate 1

        double tolerance = type == DataType.FLOAT ? 1e-6 : 1e-12;
        assertArrayEquals(values(weight), values(net.getParam("1_W")), tolerance, "weight");
        assertArrayEquals(values(bias), values(net.getParam("1_b")), tolerance, "bias");
        assertEquals(score / divisor, net.score(), tolerance, "score");
        assertEquals(score, loss.report().value(), tolerance, "report");
        assertArrayEquals(values(labels), values(data.getLabels()), "labels");
        assertArrayEquals(values(mask), values(data.getLabelsMaskArray()), "mask");
    }

    @Test
    void trainingAtTheCurrentPolicyLowersTheNll() {
        PsftLoss loss = new PsftLoss();
        MultiLayerNetwork net = net(loss, DataType.FLOAT, Activation.SOFTMAX, false);
        DataSet data = data(DataType.FLOAT);
        data.getLabels().tensorAlongDimension(1, 0, 2).assign(Column.CURRENT); // channel 1
        net.fit(data);
        double first = loss.report().nll();
        for (int i = 0; i < 60; i++) {
            net.fit(data);
        }
        assertEquals(-1, loss.report().value(), 1e-6, "value");
        assertTrue(
                loss.report().nll() < 0.5 * first,
                first + " -> " + loss.report().nll());
    }

    @Test
    void nonFiniteInputChangesNoParameter() {
        MultiLayerNetwork net = net(new PsftLoss(), DataType.FLOAT, Activation.SOFTMAX, false);
        DataSet data = data(DataType.FLOAT);
        double[] before = values(net.params());
        data.getFeatures().putScalar(1, 2, 0, Double.NaN);
        assertThrows(NonFiniteLossException.class, () -> net.fit(data));
        assertArrayEquals(before, values(net.params()));
    }

    private static double[] gradient(MultiLayerNetwork net, DataSet data) {
        net.calculateGradients(data.getFeatures(), data.getLabels(), null, data.getLabelsMaskArray());
        return values(net.getFlattenedGradients());
    }

    /** Rows of [B, C, T] in the order of RnnOutputLayer, row t*B + b. */
    private static INDArray rowsOf(INDArray sequences) {
        return sequences.permute(2, 0, 1).dup('c').reshape('c', B * T, sequences.size(1));
    }
}
