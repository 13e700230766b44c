package io.github.psft4j.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/** A loss is part of a network's configuration and survives wherever that goes, parameters included. */
class LossConfigurationTest {

    /** A foreign objective as a user would write it: no annotation at all. */
    record Scaled(double factor, int power, Aggregation choice) implements TokenObjective {
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
    }

    static List<TokenLoss> losses() {
        return List.of(
                new PsftLoss(),
                new PsftLoss(0.07, 1.5),
                new PsftLoss(new PsftObjective(0.3, 0.4, 7), Aggregation.SUM),
                new TokenLoss(new SftObjective()),
                new TokenLoss(new SftObjective(), Aggregation.SEQUENCE_MEAN_TOKEN_MEAN),
                new TokenLoss(new PsftObjective(0.07, 1.5), Aggregation.SEQUENCE_MEAN_TOKEN_SUM),
                new TokenLoss(new Scaled(2.5, 3, Aggregation.SUM), Aggregation.SUM));
    }

    private static RnnOutputLayer layer(ILossFunction loss) {
        return new RnnOutputLayer.Builder(loss)
                .activation(Activation.SOFTMAX)
                .dataFormat(RNNFormat.NCW)
                .nIn(3)
                .nOut(4)
                .build();
    }

    private static MultiLayerConfiguration network(ILossFunction loss) {
        return new NeuralNetConfiguration.Builder()
                .miniBatch(false)
                .list()
                .layer(layer(loss))
                .build();
    }

    private static ILossFunction lossOf(MultiLayerConfiguration network) {
        return ((BaseOutputLayer) network.getConf(0).getLayer()).getLossFn();
    }

    @ParameterizedTest
    @MethodSource("losses")
    void networkConfigurationSurvivesJsonAndYaml(TokenLoss loss) {
        MultiLayerConfiguration network = network(loss);
        MultiLayerConfiguration fromJson = MultiLayerConfiguration.fromJson(network.toJson());
        assertEquals(network, fromJson);
        assertEquals(loss, lossOf(fromJson));
        MultiLayerConfiguration fromYaml = MultiLayerConfiguration.fromYaml(network.toYaml());
        assertEquals(network, fromYaml);
        assertEquals(loss, lossOf(fromYaml));
        assertEquals(loss.toString(), lossOf(fromYaml).toString());
    }

    @ParameterizedTest
    @MethodSource("losses")
    void graphConfigurationSurvivesJsonAndYaml(TokenLoss loss) {
        ComputationGraphConfiguration graph = new NeuralNetConfiguration.Builder()
                .miniBatch(false)
                .graphBuilder()
                .addInputs("in")
                .addLayer("out", layer(loss), "in")
                .setOutputs("out")
                .build();
        for (ComputationGraphConfiguration copy : List.of(
                ComputationGraphConfiguration.fromJson(graph.toJson()),
                ComputationGraphConfiguration.fromYaml(graph.toYaml()))) {
            assertEquals(graph, copy);
            LayerVertex vertex = (LayerVertex) copy.getVertices().get("out");
            assertEquals(loss, ((BaseOutputLayer) vertex.getLayerConf().getLayer()).getLossFn());
        }
    }

    @ParameterizedTest
    @MethodSource("losses")
    void lossSurvivesJavaSerialization(TokenLoss loss) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(loss);
        ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()));
        TokenLoss copy = (TokenLoss) in.readObject();
        assertEquals(loss, copy);
        assertEquals(loss.hashCode(), copy.hashCode());
        assertEquals(LossReport.EMPTY, copy.report());
        assertEquals(0, copy.logProbs().length);
    }

    @Test
    void restoredLossComputesWhatTheOriginalDoes() {
        PsftLoss loss = new PsftLoss(0.1, 0.05);
        TokenLoss restored = (TokenLoss)
                lossOf(MultiLayerConfiguration.fromJson(network(loss).toJson()));
        TokenRows rows = TokenRows.random(61, 12, 9);
        assertEquals(rows.score(loss, DataType.DOUBLE), rows.score(restored, DataType.DOUBLE));
        assertEquals(loss.report(), restored.report());
        assertNotEquals(rows.score(new PsftLoss(0.1, 0.5), DataType.DOUBLE), rows.score(restored, DataType.DOUBLE));
    }

    @Test
    void badParameterInAConfigurationFileIsRefusedByName() {
        String json = network(new PsftLoss(0.2, 0.28)).toJson();
        assertTrue(json.contains("\"epsHigh\" : 0.28"), json);
        RuntimeException e = assertThrows(
                RuntimeException.class,
                () -> MultiLayerConfiguration.fromJson(json.replace("\"epsHigh\" : 0.28", "\"epsHigh\" : -0.28")));
        assertTrue(e.getMessage().contains("epsHigh must be above 0, was -0.28"), e.getMessage());
    }

    @Test
    void lossesDifferByClassObjectiveAndAggregation() {
        List<TokenLoss> losses = losses();
        for (int i = 0; i < losses.size(); i++) {
            for (int j = 0; j < losses.size(); j++) {
                assertEquals(i == j, losses.get(i).equals(losses().get(j)), losses.get(i) + " and " + losses.get(j));
            }
        }
        assertNotEquals(new PsftLoss(), new TokenLoss(new PsftObjective()));
        assertEquals(new PsftLoss().hashCode(), new PsftLoss(0.2, 0.28).hashCode());
        assertEquals(
                "PsftLoss(PsftObjective[epsLow=0.2, epsHigh=0.28, maxLogRatio=20.0], TOKEN_MEAN)",
                new PsftLoss().name());
    }
}
