package io.github.psft4j.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.hf.safetensors.SafetensorsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * SFT and PSFT against PyTorch autograd in double precision. System property {@code psft.golden.losses} names another
 * file of the same form.
 */
class LossGoldenTest {

    private static SafetensorsReader golden;
    private static int batch;
    private static int time;
    private static int vocabulary;

    private static JsonNode parameters; // of every row, from the JSON file beside the golden file

    @BeforeAll
    static void open() throws IOException {
        Path file = Path.of(
                System.getProperty("psft.golden.losses", "src/test/resources/golden/losses/family.safetensors"));
        golden = SafetensorsReader.open(file);
        String json = file.getFileName().toString().replace(".safetensors", ".json");
        parameters = new ObjectMapper()
                .readTree(Files.readString(file.resolveSibling(json)))
                .get("objectives");
        long[] shape = golden.info("logits").shape();
        batch = (int) shape[0];
        time = (int) shape[1];
        vocabulary = (int) shape[2];
    }

    @AfterAll
    static void close() {
        golden.close();
    }

    private static TokenLoss loss(String row) {
        return switch (row) {
            case "sft" -> new TokenLoss(new SftObjective(), Aggregation.SUM);
            case "psft", "psft_tight" ->
                new PsftLoss(
                        parameters.get(row).get("eps_low").asDouble(),
                        parameters.get(row).get("eps_high").asDouble());
            default -> throw new IllegalArgumentException(row);
        };
    }

    /** The golden value is a sum; PsftLoss is a mean over tokens. */
    private static double scale(TokenLoss loss) {
        return loss.aggregation() == Aggregation.SUM
                ? 1
                : Arrays.stream(golden.readDoubles("mask")).sum();
    }

    private static double tolerance(DataType type) {
        return type == DataType.DOUBLE ? 1e-12 : 1e-5;
    }

    /** Values of [B, T] in the row order of RnnOutputLayer, row t*B + b. */
    private static double[] rows(double[] sequences) {
        double[] out = new double[batch * time];
        for (int b = 0; b < batch; b++) {
            for (int t = 0; t < time; t++) {
                out[t * batch + b] = sequences[b * time + t];
            }
        }
        return out;
    }

    private static double[][] rowsOfVectors(double[] sequences) {
        double[][] out = new double[batch * time][];
        for (int b = 0; b < batch; b++) {
            for (int t = 0; t < time; t++) {
                int from = (b * time + t) * vocabulary;
                out[t * batch + b] = Arrays.copyOfRange(sequences, from, from + vocabulary);
            }
        }
        return out;
    }

    private static double[] ids() {
        return Arrays.stream(golden.readInts("labels")).asDoubleStream().toArray();
    }

    private static TokenRows tokenRows() {
        return new TokenRows(
                rowsOfVectors(golden.readDoubles("logits")),
                rows(ids()),
                rows(golden.readDoubles("old_logprob")),
                rows(golden.readDoubles("mask")));
    }

    @ParameterizedTest
    @CsvSource({
        "sft, DOUBLE, SOFTMAX", "psft, DOUBLE, SOFTMAX", "psft_tight, DOUBLE, SOFTMAX", "psft, DOUBLE, IDENTITY",
        "sft, FLOAT, SOFTMAX", "psft, FLOAT, SOFTMAX", "psft_tight, FLOAT, SOFTMAX", "psft, FLOAT, IDENTITY"
    })
    void everyMethodOfTheLossMatchesPyTorch(String row, DataType type, Activation activation) {
        TokenLoss loss = loss(row);
        double scale = scale(loss);
        double tolerance = tolerance(type);
        double[] losses = rows(golden.readDoubles(row + ".loss"));
        double sum = Arrays.stream(losses).sum();
        double[][] gradient = rowsOfVectors(golden.readDoubles(row + ".grad"));
        TokenRows rows = tokenRows();
        INDArray labels = rows.labels(loss, type);
        INDArray logits = rows.logits(type);
        INDArray mask = rows.mask(type);
        IActivation function = activation.getActivationFunction();

        assertClose(sum, scale * loss.computeScore(labels, logits, function, mask, false), tolerance, "computeScore");
        INDArray scores = loss.computeScoreArray(labels, logits, function, mask); // [N, 1]
        assertEquals(type, scores.dataType());
        for (int i = 0; i < losses.length; i++) {
            assertClose(losses[i], scores.getDouble(i, 0), tolerance, "computeScoreArray, row " + i);
        }
        assertGradient(gradient, loss.computeGradient(labels, logits, function, mask), scale, tolerance);
        Pair<Double, INDArray> both = loss.computeGradientAndScore(labels, logits, function, mask, false);
        assertClose(sum, scale * both.getFirst(), tolerance, "computeGradientAndScore");
        assertGradient(gradient, both.getSecond(), scale, tolerance);
    }

    @ParameterizedTest
    @CsvSource({"DOUBLE", "FLOAT"})
    void psftLossAtTheCurrentPolicyHasTheGradientAndNllOfPyTorchSft(DataType type) {
        PsftLoss loss = new PsftLoss();
        TokenRows rows = tokenRows().current();
        double scale = scale(loss);
        INDArray gradient =
                loss.computeGradient(rows.labels(loss, type), rows.logits(type), TokenRows.SOFTMAX, rows.mask(type));
        assertGradient(rowsOfVectors(golden.readDoubles("sft.grad")), gradient, scale, tolerance(type));
        double sum = Arrays.stream(golden.readDoubles("sft.loss")).sum();
        assertClose(sum, scale * loss.report().nll(), tolerance(type), "nll");
    }

    /** A network of one output layer with the identity for a weight: its input is the logits and has their gradient. */
    @ParameterizedTest
    @CsvSource({
        "sft, DOUBLE, SOFTMAX",
        "psft, DOUBLE, SOFTMAX",
        "psft_tight, DOUBLE, SOFTMAX",
        "psft, DOUBLE, IDENTITY",
        "psft, FLOAT, SOFTMAX",
        "psft_tight, FLOAT, IDENTITY"
    })
    void stockRnnOutputLayerMatchesPyTorch(String row, DataType type, Activation activation) {
        TokenLoss loss = loss(row);
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .dataType(type)
                .updater(new Sgd(1))
                .miniBatch(false)
                .list()
                .layer(new RnnOutputLayer.Builder(loss)
                        .activation(activation)
                        .dataFormat(RNNFormat.NCW)
                        .nIn(vocabulary)
                        .nOut(vocabulary)
                        .build())
                .build());
        net.init();
        net.getParam("0_W").assign(Nd4j.eye(vocabulary).castTo(type));
        net.getParam("0_b").assign(0);
        INDArray logits = sequences(golden.readDoubles("logits"), vocabulary).permute(0, 2, 1); // [B, V, T]
        INDArray labels = sequences(ids(), 1).permute(0, 2, 1); // [B, 1, T]
        if (!loss.objective().columns().isEmpty()) {
            INDArray old = sequences(golden.readDoubles("old_logprob"), 1).permute(0, 2, 1);
            labels = Nd4j.concat(1, labels, old); // [B, 2, T]
        }
        INDArray mask = Nd4j.createFromArray(golden.readDoubles("mask")).reshape(batch, time);

        DataSet data = new DataSet(logits.castTo(type).dup('c'), labels.castTo(type), null, mask.castTo(type));
        double score = net.score(data);
        INDArray inputGradient = net.calculateGradients(
                        data.getFeatures(), data.getLabels(), null, data.getLabelsMaskArray())
                .getSecond(); // [B, V, T]

        double scale = scale(loss);
        double sum = Arrays.stream(golden.readDoubles(row + ".loss")).sum();
        assertClose(sum, scale * score, tolerance(type), "score of the network");
        double[] expected = golden.readDoubles(row + ".grad"); // [B, T, V]
        double[] actual = inputGradient
                .permute(0, 2, 1)
                .castTo(DataType.DOUBLE)
                .dup('c')
                .data()
                .asDouble();
        for (int i = 0; i < expected.length; i++) {
            assertClose(expected[i], scale * actual[i], tolerance(type), "input gradient, element " + i);
        }
    }

    private static INDArray sequences(double[] values, int width) {
        return Nd4j.createFromArray(values).reshape('c', batch, time, width); // [B, T, width]
    }

    private static void assertGradient(double[][] expected, INDArray actual, double scale, double tolerance) {
        for (int i = 0; i < expected.length; i++) {
            for (int v = 0; v < expected[i].length; v++) {
                assertClose(
                        expected[i][v], scale * actual.getDouble(i, v), tolerance, "gradient at row " + i + ", " + v);
            }
        }
    }

    /** Relative above 1, absolute below. */
    private static void assertClose(double expected, double actual, double tolerance, String what) {
        assertEquals(expected, actual, tolerance * Math.max(1, Math.abs(expected)), what);
    }
}
