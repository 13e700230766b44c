package io.github.psft4j.transformer;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.PsftLoss;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.policy.Snapshot;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.NormKind;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.NoOp;

/** The decoder as a ComputationGraph: exact gradients, JSON, masks, tied weights, bad token ids. */
class DecoderGraphTest {

    @AfterEach
    void restoreDefaultType() {
        Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
    }

    static Stream<Arguments> architectures() {
        return Architectures.all().entrySet().stream().map(e -> Arguments.of(Named.of(e.getKey(), e.getValue())));
    }

    private static DecoderConfig config(boolean tied) {
        return Architectures.all().get(tied ? "tied" : "untied");
    }

    private static ComputationGraph graph(DecoderConfig config, TokenLoss loss, DataType type) {
        return DecoderGraph.create(DecoderGraph.configuration(config, loss, new NoOp(), type, 7));
    }

    private static Demonstration random(int length, int prompt, Random random) {
        int[] tokens = random.ints(length, 0, 11).toArray();
        boolean[] mask = new boolean[length];
        for (int i = prompt; i < length; i++) {
            mask[i] = true;
        }
        return new Demonstration(tokens, mask);
    }

    /** Three sequences of different lengths with old log-probs on both sides of the clip edge, none near it. */
    private static MultiDataSet psftBatch(ComputationGraph graph, DataType type) {
        Random random = new Random(3);
        MultiDataSet batch =
                PackedTokens.padded(List.of(random(7, 2, random), random(5, 1, random), random(4, 2, random)), 2);
        INDArray labels = batch.getLabels(0).castTo(type);
        batch.setLabels(new INDArray[] {labels});
        batch.setFeatures(new INDArray[] {batch.getFeatures(0).castTo(type)});
        labels.get(NDArrayIndex.all(), NDArrayIndex.point(1), NDArrayIndex.all())
                .assign(Column.CURRENT);
        double[][] now = new Snapshot(graph).logProbs(batch);
        for (int b = 0; b < now.length; b++) {
            for (int t = 0; t < now[b].length; t++) {
                double ratio = (b + t) % 3 == 0 ? 1.5 : 0.6 + 0.1 * ((b + t) % 5); // 1.5 is clipped
                labels.putScalar(new int[] {b, 1, t}, now[b][t] - Math.log(ratio));
            }
        }
        return batch;
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void gradientsOfTheWholeGraphPassDl4jsGradientCheckWithPsftLoss(DecoderConfig config) {
        Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE); // GradientCheckUtil insists
        ComputationGraph graph = graph(config, new PsftLoss(), DataType.DOUBLE);
        boolean whole =
                config.equals(config(false)) || config.equals(config(true)); // for the others a sample per array
        disturbVectors(graph);
        MultiDataSet batch = psftBatch(graph, DataType.DOUBLE);
        boolean passed = GradientCheckUtil.checkGradients(new GradientCheckUtil.GraphConfig()
                .net(graph)
                .inputs(batch.getFeatures())
                .labels(batch.getLabels())
                .labelMask(batch.getLabelsMaskArrays())
                .epsilon(1e-6)
                .maxRelError(1e-5)
                .minAbsoluteError(1e-9)
                .maxPerParam(whole ? Integer.MAX_VALUE : 5)
                .print(GradientCheckUtil.PrintMode.ZEROS));
        assertTrue(passed);
    }

    /** Moves gains and biases away from 1 and 0, where mistakes could hide. */
    private static void disturbVectors(ComputationGraph graph) {
        graph.paramTable().forEach((name, parameter) -> {
            if (parameter.rank() == 1) {
                parameter.addi(
                        Nd4j.randn(parameter.dataType(), parameter.shape()).muli(0.3));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void configurationSurvivesJsonAndTheRestoredGraphComputesTheSame(DecoderConfig config) {
        ComputationGraphConfiguration conf =
                DecoderGraph.configuration(config, new PsftLoss(0.1, 0.4), new NoOp(), DataType.FLOAT, 7);
        ComputationGraphConfiguration restored = ComputationGraphConfiguration.fromJson(conf.toJson());
        assertEquals(conf, restored);
        ComputationGraph a = DecoderGraph.create(conf);
        ComputationGraph b = DecoderGraph.create(restored);
        b.setParams(a.params());
        INDArray ids =
                PackedTokens.padded(List.of(random(6, 1, new Random(1))), 1).getFeatures(0);
        assertExact(a.output(false, ids)[0], b.output(false, ids)[0]);
        assertEquals(
                new PsftLoss(0.1, 0.4),
                ((LmHead) b.getLayer(DecoderGraph.HEAD).conf().getLayer()).getLossFn());
    }

    @Test
    void tiedHeadWithoutItsLinkIsRefused() {
        ComputationGraph graph = new ComputationGraph(DecoderGraph.configuration(
                config(true), new TokenLoss(new SftObjective()), new NoOp(), DataType.FLOAT, 7));
        graph.init();
        INDArray ids =
                PackedTokens.padded(List.of(random(6, 1, new Random(1))), 1).getFeatures(0);
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> graph.output(false, ids));
        assertTrue(e.getMessage().contains("DecoderGraph.link"), e.getMessage());
    }

    @Test
    void paddingAndMaskedTokensInfluenceNeitherLossNorGradient() {
        ComputationGraph graph = graph(config(false), new PsftLoss(), DataType.FLOAT);
        MultiDataSet batch = psftBatch(graph, DataType.FLOAT);
        float[] expected = gradient(graph, batch);
        double score = graph.score();
        INDArray mask = batch.getLabelsMaskArrays()[0];
        for (int b = 0; b < 3; b++) {
            int length = new int[] {6, 4, 3}[b];
            for (int t = 0; t < 6; t++) {
                if (mask.getDouble(b, t) == 0) {
                    batch.getLabels(0).putScalar(new int[] {b, 0, t}, -100);
                    batch.getLabels(0).putScalar(new int[] {b, 1, t}, Double.NaN);
                }
                if (t >= length) {
                    batch.getFeatures(0).putScalar(b, t, 9); // padding of another id
                }
            }
        }
        float[] actual = gradient(graph, batch);
        assertEquals(score, graph.score());
        assertArrayEquals(expected, actual, "not even in the last bit");
    }

    @Test
    void featureMaskOfRightPaddingChangesNothingAndAnyOtherIsRefused() {
        ComputationGraph graph = graph(config(false), new TokenLoss(new SftObjective()), DataType.FLOAT);
        INDArray ids = PackedTokens.padded(List.of(random(6, 1, new Random(1)), random(4, 1, new Random(2))), 1)
                .getFeatures(0); // [2, 5]
        INDArray mask = Nd4j.createFromArray(new float[][] {{1, 1, 1, 1, 1}, {1, 1, 1, 0, 0}});
        INDArray expected = graph.output(false, ids)[0].dup();
        assertExact(expected, graph.output(false, new INDArray[] {ids}, new INDArray[] {mask})[0]);
        for (float[] row : new float[][] {{0, 1, 1, 1, 1}, {1, 1, 0, 1, 0}, {1, 0.5f, 0, 0, 0}}) {
            INDArray bad = Nd4j.createFromArray(new float[][] {{1, 1, 1, 1, 1}, row});
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class,
                    () -> graph.output(false, new INDArray[] {ids}, new INDArray[] {bad}));
            assertTrue(e.getMessage().contains("feature mask of sequence 1"), e.getMessage());
        }
    }

    @Test
    void freshWeightsHaveTheDeviationsOfTheirFamily() {
        DecoderConfig config = DecoderConfig.builder()
                .vocabSize(50)
                .hiddenSize(64)
                .intermediateSize(128)
                .layers(8)
                .heads(4)
                .norm(NormKind.LAYER)
                .mlpBias(true)
                .scaledResidualInit(true)
                .build();
        graph(config, new TokenLoss(new SftObjective()), DataType.FLOAT)
                .paramTable()
                .forEach((name, parameter) -> {
                    if (parameter.rank() == 1) {
                        assertEquals(
                                name.contains("_b") ? 0 : 1,
                                parameter.meanNumber().doubleValue(),
                                name);
                    } else {
                        double expected = name.endsWith("Wo") || name.endsWith("Wdown") ? 0.02 / 4 : 0.02;
                        assertEquals(expected, parameter.stdNumber().doubleValue(), 0.1 * expected, name);
                    }
                });
    }

    /** ND4J takes the clock for seed 0, so the second graph waits for its next tick. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 1L << 32})
    void everySeedGivesTheSameWeightsAgain(long seed) {
        INDArray first = fresh(seed);
        long now = System.currentTimeMillis();
        while (System.currentTimeMillis() == now) {
            Thread.onSpinWait();
        }
        assertExact(first, fresh(seed));
    }

    private static INDArray fresh(long seed) {
        TokenLoss loss = new TokenLoss(new SftObjective());
        return DecoderGraph.create(DecoderGraph.configuration(config(true), loss, new NoOp(), DataType.FLOAT, seed))
                .params();
    }

    @Test
    void batchWithoutTrainedTokensHasLossAndGradientZero() {
        for (boolean tied : new boolean[] {false, true}) {
            ComputationGraph graph = graph(config(tied), new PsftLoss(), DataType.FLOAT);
            MultiDataSet batch = psftBatch(graph, DataType.FLOAT);
            gradient(graph, batch); // leaves non-zero gradients behind
            batch.getLabelsMaskArrays()[0].assign(0);
            for (float g : gradient(graph, batch)) {
                assertEquals(0f, g);
            }
            assertEquals(0, graph.score());
        }
    }

    @Test
    void tokenIdOutsideTheVocabularyIsNamed() {
        ComputationGraph graph = graph(config(false), new TokenLoss(new SftObjective()), DataType.FLOAT);
        INDArray ids = PackedTokens.padded(List.of(Demonstration.ofText(new int[] {1, 11, 2})), 1)
                .getFeatures(0);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> graph.output(false, ids));
        assertTrue(e.getMessage().contains("token id 11 at sequence 0, position 1"), e.getMessage());
    }

    @Test
    void sequenceLongerThanThePositionsIsRefused() {
        ComputationGraph graph = graph(config(false), new TokenLoss(new SftObjective()), DataType.FLOAT);
        INDArray ids =
                PackedTokens.padded(List.of(random(18, 1, new Random(1))), 1).getFeatures(0);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> graph.output(false, ids));
        assertTrue(e.getMessage().contains("max_position_embeddings"), e.getMessage());
    }

    private static float[] gradient(ComputationGraph graph, MultiDataSet batch) {
        graph.setInputs(batch.getFeatures());
        graph.setLabels(batch.getLabels());
        graph.setLayerMaskArrays(null, batch.getLabelsMaskArrays());
        graph.computeGradientAndScore();
        graph.clearLayerMaskArrays();
        return graph.getFlattenedGradients().dup().data().asFloat();
    }
}
