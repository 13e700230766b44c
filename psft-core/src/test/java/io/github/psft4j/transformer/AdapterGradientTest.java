package io.github.psft4j.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.config.AdapterPart;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** Adapters and weights that are trained whole beside frozen ones, on every architecture. */
class AdapterGradientTest {

    @AfterEach
    void restoreDefaultType() {
        Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
    }

    static Stream<Arguments> architectures() {
        return Architectures.all().entrySet().stream().map(e -> Arguments.of(Named.of(e.getKey(), e.getValue())));
    }

    static Stream<Arguments> twoArchitectures() {
        return Stream.of("biases", "gpt2")
                .map(name -> Arguments.of(Named.of(name, Architectures.all().get(name))));
    }

    /** Queries and values without keys, several ranks and scalings, and some weights whole. */
    private static TrainedPart part(DecoderConfig c, String vertex) {
        if (vertex.equals(DecoderGraph.NORM)) {
            return new TrainedPart(
                    List.copyOf(DecoderGraph.weightShapes(c, vertex).keySet()), List.of());
        }
        if (vertex.equals(DecoderGraph.HEAD)) {
            return new TrainedPart(c.tiedEmbeddings() ? List.of() : List.of(LmHead.WEIGHT), List.of());
        }
        if (vertex.equals(DecoderGraph.EMBEDDING)) {
            return TrainedPart.NOTHING;
        }
        long q = (long) c.heads() * c.headDim();
        long kv = (long) c.kvHeads() * c.headDim();
        int f = c.intermediateSize();
        List<AdapterPart> parts = new ArrayList<>();
        parts.add(new AdapterPart(DecoderBlock.QKV, 0, q, 2, 1.5));
        parts.add(new AdapterPart(DecoderBlock.QKV, q + kv, q + 2 * kv, 3, 0.5));
        parts.add(new AdapterPart(DecoderBlock.ATTENTION_OUT, 0, c.hiddenSize(), 1, 2));
        parts.add(new AdapterPart(DecoderBlock.GATE_UP, 0, f, 2, 1));
        if (c.gatedMlp()) {
            parts.add(new AdapterPart(DecoderBlock.GATE_UP, f, 2L * f, 1, 3));
        }
        parts.add(new AdapterPart(DecoderBlock.DOWN, 0, c.hiddenSize(), 2, 0.7));
        List<BiasPart> biases = new ArrayList<>();
        if (c.qkvBias()) {
            biases.add(new BiasPart(DecoderBlock.QKV, q, q + kv, false, 1));
        }
        biases.add(new BiasPart(DecoderBlock.QKV, q + kv, q + 2 * kv, true, 0.5));
        biases.add(new BiasPart(DecoderBlock.DOWN, 0, c.hiddenSize(), true, 0.7));
        return new TrainedPart(List.of(DecoderBlock.ATTENTION_NORM), parts, biases);
    }

    private static ComputationGraph graph(DecoderConfig c) {
        ComputationGraphConfiguration conf = DecoderGraph.configuration(
                c, vertex -> part(c, vertex), new TokenLoss(new SftObjective()), new NoOp(), DataType.DOUBLE, 7);
        assertEquals(conf, ComputationGraphConfiguration.fromJson(conf.toJson()), "the part survives JSON");
        ComputationGraph graph = DecoderGraph.create(conf);
        Nd4j.getRandom().setSeed(5);
        graph.params()
                .assign(Nd4j.randn(DataType.DOUBLE, graph.params().shape()).muli(0.3)); // B is zero at first
        for (String vertex : DecoderGraph.vertices(c)) {
            Map<String, INDArray> frozen = new LinkedHashMap<>();
            DecoderGraph.weightShapes(c, vertex)
                    .forEach((name, shape) ->
                            frozen.put(name, Nd4j.randn(DataType.DOUBLE, shape).muli(0.4)));
            DecoderGraph.freeze(graph, vertex, frozen);
        }
        return graph;
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void gradientsPassDl4jsGradientCheck(DecoderConfig config) {
        check(config, null);
    }

    /** The same inputs are left out in every pass, so that differences are finite. */
    @ParameterizedTest
    @MethodSource("twoArchitectures")
    void gradientsPassItUnderDropout(DecoderConfig config) {
        AdapterDropout dropout = new AdapterDropout(0.4, 3);
        dropout.next(5, new int[] {7, 11});
        check(config, dropout);
    }

    private static void check(DecoderConfig config, AdapterDropout dropout) {
        Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE); // GradientCheckUtil insists
        ComputationGraph graph = graph(config);
        AdapterDropout.install(graph, dropout);
        long all = config.parameters();
        assertTrue(graph.numParams() < all, graph.numParams() + " of " + all + " are trained");
        MultiDataSet batch = PackedTokens.padded(
                List.of(
                        Demonstration.of(new int[] {1, 2, 3}, new int[] {4, 5, 6}),
                        Demonstration.of(new int[] {7}, new int[] {8, 9, 10})),
                1);
        for (INDArray[] arrays :
                new INDArray[][] {batch.getFeatures(), batch.getLabels(), batch.getLabelsMaskArrays()}) {
            arrays[0] = arrays[0].castTo(DataType.DOUBLE);
        }
        boolean passed = GradientCheckUtil.checkGradients(new GradientCheckUtil.GraphConfig()
                .net(graph)
                .inputs(batch.getFeatures())
                .labels(batch.getLabels())
                .labelMask(batch.getLabelsMaskArrays())
                .epsilon(1e-6)
                .maxRelError(1e-5)
                .minAbsoluteError(1e-9)
                .maxPerParam(4)
                .print(GradientCheckUtil.PrintMode.ZEROS));
        assertTrue(passed);
    }
}
