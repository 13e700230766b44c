package io.github.psft4j.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.data.batch.Packing;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Denominator;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * Sequences that share a row neither see nor train each other: packed, padded and one by one they give the same
 * numbers.
 */
class PackedDecoderTest {

    /** FLOAT runs on the CPU's kernels, DOUBLE on the portable ones. */
    static Stream<Arguments> architectures() {
        return Architectures.all().entrySet().stream()
                .flatMap(e -> Stream.of(DataType.DOUBLE, DataType.FLOAT)
                        .map(type -> Arguments.of(Named.of(e.getKey(), e.getValue()), type)));
    }

    private static List<Demonstration> demonstrations() {
        Random random = new Random(2);
        List<Demonstration> out = new ArrayList<>();
        for (int length : new int[] {7, 4, 13, 2, 9, 6, 4}) {
            int prompt = 1 + random.nextInt(length - 1);
            out.add(Demonstration.of(
                    random.ints(prompt, 0, 11).toArray(),
                    random.ints(length - prompt, 0, 11).toArray()));
        }
        return out;
    }

    private static TokenLoss loss(List<Demonstration> window) {
        long tokens = window.stream().mapToLong(Demonstration::trainedTokens).sum();
        return new TokenLoss(new SftObjective(), Aggregation.SEQUENCE_MEAN_TOKEN_MEAN)
                .within(new Denominator(tokens, window.size()));
    }

    private static ComputationGraph graph(DecoderConfig config, TokenLoss loss, DataType type) {
        return DecoderGraph.create(DecoderGraph.configuration(config, loss, new NoOp(), type, 7));
    }

    /** Loss, then gradient. */
    private static double[] run(ComputationGraph graph, MultiDataSet batch) {
        DataType type = graph.params().dataType();
        graph.setInputs(batch.getFeatures(0).castTo(type));
        graph.setLabels(batch.getLabels(0).castTo(type));
        graph.setLayerMaskArrays(
                null, new INDArray[] {batch.getLabelsMaskArray(0).castTo(type)});
        graph.computeGradientAndScore();
        graph.clearLayerMaskArrays();
        double[] gradient = graph.getFlattenedGradients().dup().data().asDouble();
        double[] out = Arrays.copyOf(gradient, gradient.length + 1);
        out[gradient.length] = graph.score();
        return out;
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void packedPaddedAndOneByOneGiveTheSameLossAndGradient(DecoderConfig config, DataType type) {
        List<Demonstration> all = demonstrations();
        ComputationGraph graph = graph(config, loss(all), type);
        double[] oneByOne = null;
        for (Demonstration d : all) {
            double[] part = run(graph, PackedTokens.padded(List.of(d), 1));
            if (oneByOne == null) {
                oneByOne = part;
            } else {
                for (int i = 0; i < part.length; i++) {
                    oneByOne[i] += part[i];
                }
            }
        }
        double tolerance = type == DataType.DOUBLE ? 1e-10 : 1e-5;
        assertClose(oneByOne, run(graph, PackedTokens.padded(all, 1)), tolerance, "padded");
        assertClose(
                oneByOne,
                run(graph, PackedTokens.of(all, Packing.onePerRow(all)).arrays(1)),
                tolerance,
                "one per row");
        for (int row : new int[] {12, 38}) {
            assertClose(
                    oneByOne,
                    run(graph, PackedTokens.of(all, Packing.packed(all, row)).arrays(1)),
                    tolerance,
                    "rows of " + row);
        }
    }

    private static void assertClose(double[] expected, double[] actual, double tolerance, String what) {
        double scale = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertArrayEquals(expected, actual, tolerance * scale, what);
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void tokensOfOneSequenceChangeNoBitOfAnothersLogProbsAndGradient(DecoderConfig config, DataType type) {
        List<Demonstration> all = demonstrations();
        TokenLoss loss = loss(all);
        ComputationGraph graph = graph(config, loss, type);
        SequenceLayout layout = Packing.packed(all, 16); // the first row holds two sequences
        for (int trained : new int[] {1, 2}) {
            MultiDataSet batch = PackedTokens.of(all, layout).arrays(1);
            INDArray mask = batch.getLabelsMaskArray(0);
            for (int row = 0; row < mask.length(); row++) {
                if (layout.sequence(row) != trained) {
                    mask.putScalar(row, 0);
                }
            }
            double[] expected = run(graph, batch);
            double[] logProbs = loss.logProbs();
            for (int row = 0; row < mask.length(); row++) {
                if (layout.sequence(row) != trained) {
                    int b = row / layout.time();
                    int[] at = {b, 0, row % layout.time()};
                    batch.getFeatures(0).putScalar(at, (batch.getFeatures(0).getInt(at) + 1 + row % 9) % 11);
                }
            }
            assertArrayEquals(expected, run(graph, batch), "gradient of sequence " + trained);
            assertArrayEquals(logProbs, loss.logProbs(), "log-probs of sequence " + trained);
        }
    }

    @Test
    void unlinkedGraphRefusesPackedRows() {
        List<Demonstration> all = demonstrations();
        ComputationGraph graph = new ComputationGraph(DecoderGraph.configuration(
                Architectures.all().get("untied"), loss(all), new NoOp(), DataType.FLOAT, 7));
        graph.init();
        INDArray features =
                PackedTokens.of(all, Packing.packed(all, 38)).arrays(1).getFeatures(0);
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> graph.output(false, features));
        assertTrue(e.getMessage().contains("DecoderGraph.link"), e.getMessage());
    }

    @Test
    void onlyTheLongestSequenceMustFitThePositions() {
        List<Demonstration> all = demonstrations();
        ComputationGraph graph = graph(Architectures.all().get("gpt2"), loss(all), DataType.FLOAT);
        assertEquals(
                38,
                PackedTokens.of(all, Packing.packed(all, 38))
                        .arrays(1)
                        .getFeatures(0)
                        .size(2)); // 16 positions in the model
        run(graph, PackedTokens.of(all, Packing.packed(all, 38)).arrays(1));
    }

    @Test
    void trainedPaddingIsRefused() {
        List<Demonstration> all = demonstrations();
        ComputationGraph graph = graph(Architectures.all().get("untied"), loss(all), DataType.FLOAT);
        MultiDataSet batch = PackedTokens.of(all, Packing.packed(all, 16)).arrays(1);
        batch.getLabelsMaskArray(0).assign(1);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> run(graph, batch));
        assertTrue(e.getMessage().contains("belongs to no sequence"), e.getMessage());
    }
}
