package io.github.psft4j.transformer.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.Architectures;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.FinalNorm;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** Generation with the cache equals the network without it; stops, limits and sampling do what they say. */
class GeneratorTest {

    private static final DecoderConfig CONFIG = DecoderConfig.builder()
            .vocabSize(23)
            .hiddenSize(16)
            .intermediateSize(24)
            .layers(3)
            .heads(4)
            .kvHeads(2)
            .maxPositions(32)
            .initializerRange(0.4)
            .tiedEmbeddings(true)
            .build();

    private static ComputationGraph graph(DataType type) {
        return DecoderGraph.create(
                DecoderGraph.configuration(CONFIG, new TokenLoss(new SftObjective()), new NoOp(), type, 5));
    }

    static Stream<Arguments> architectures() {
        Map<String, DecoderConfig> all = Architectures.all();
        all.put("three layers", CONFIG);
        return all.entrySet().stream()
                .flatMap(e -> Stream.of(DataType.FLOAT, DataType.DOUBLE)
                        .map(type -> Arguments.of(Named.of(e.getKey(), e.getValue()), type)));
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void cachedGreedyGenerationEqualsTheNetworkRunFromTheStartEachTime(DecoderConfig config, DataType type) {
        ComputationGraph graph = DecoderGraph.create(
                DecoderGraph.configuration(config, new TokenLoss(new SftObjective()), new NoOp(), type, 5));
        List<int[]> prompts = List.of(new int[] {1, 2, 3}, new int[] {4}, new int[] {5, 6, 7}, new int[] {8, 9});
        List<GenerationResult> cached = new Generator(graph, config).generate(prompts, GenerationConfig.greedy(12));
        for (int i = 0; i < prompts.size(); i++) {
            GenerationResult g = cached.get(i);
            assertEquals(prompts.get(i).length + 12, g.tokens().length);
            for (int n = g.promptLength(); n < g.tokens().length; n++) {
                double[] logits = lastLogits(graph, g.tokens(), n);
                int best = 0;
                double sum = 0;
                for (int v = 0; v < logits.length; v++) {
                    best = logits[v] > logits[best] ? v : best;
                    sum += Math.exp(logits[v]);
                }
                assertEquals(best, g.tokens()[n]);
                double logProb = logits[best] - Math.log(sum);
                assertEquals(logProb, g.logProbs()[n - g.promptLength()], 1e-4);
            }
        }
    }

    private static double[] lastLogits(ComputationGraph graph, int[] tokens, int n) {
        INDArray ids = Nd4j.create(1, n);
        for (int t = 0; t < n; t++) {
            ids.putScalar(0, t, tokens[t]);
        }
        double[] all = graph.output(false, ids)[0].dup('c').data().asDouble(); // [1, n, V]
        return java.util.Arrays.copyOfRange(all, all.length - all.length / n, all.length);
    }

    @Test
    void sequencesEndAtAStopIdOrAtTheLastPosition() {
        Generator generator = new Generator(graph(DataType.FLOAT), CONFIG);
        int[] prompt = {1, 2, 3};
        int[] free = generator
                .generate(List.of(prompt), GenerationConfig.greedy(8))
                .get(0)
                .newTokens();
        int[] stopped = generator
                .generate(List.of(prompt), GenerationConfig.greedy(8, free[0]))
                .get(0)
                .newTokens();
        assertArrayEquals(new int[] {free[0]}, stopped);
        assertEquals(
                32,
                generator
                        .generate(List.of(prompt), GenerationConfig.greedy(100))
                        .get(0)
                        .tokens()
                        .length);
    }

    @Test
    void samplingFollowsTheModelsDistributionAndItsSeed() {
        ComputationGraph graph = graph(DataType.FLOAT);
        Generator generator = new Generator(graph, CONFIG);
        int n = 4000;
        List<int[]> prompts = java.util.Collections.nCopies(n, new int[] {1, 2, 3});
        List<GenerationResult> sampled = generator.generate(prompts, GenerationConfig.sample(1, 1, 17));
        int[] counts = new int[23];
        sampled.forEach(g -> counts[g.newTokens()[0]]++);
        double[] logits = lastLogits(graph, new int[] {1, 2, 3}, 3);
        double sum = java.util.Arrays.stream(logits).map(Math::exp).sum();
        for (int v = 0; v < 23; v++) {
            double p = Math.exp(logits[v]) / sum;
            double sigma = Math.sqrt(n * p * (1 - p));
            assertEquals(n * p, counts[v], 5 * sigma + 1, "token " + v);
        }
        List<GenerationResult> again = generator.generate(prompts, GenerationConfig.sample(1, 1, 17));
        for (int i = 0; i < n; i++) {
            assertArrayEquals(sampled.get(i).tokens(), again.get(i).tokens());
        }
    }

    @Test
    void topKAndTopPCutTheTail() {
        Generator generator = new Generator(graph(DataType.FLOAT), CONFIG);
        List<int[]> prompts = java.util.Collections.nCopies(200, new int[] {1, 2, 3});
        int greedy = generator
                .generate(prompts.subList(0, 1), GenerationConfig.greedy(1))
                .get(0)
                .newTokens()[0];
        for (GenerationConfig settings : List.of(
                GenerationConfig.sample(1, 1, 3).toBuilder().topK(1).build(),
                GenerationConfig.sample(1, 1, 3).toBuilder().topP(1e-6).build(),
                GenerationConfig.sample(1, 1, 3).toBuilder().minP(1).build())) {
            generator.generate(prompts, settings).forEach(g -> assertEquals(greedy, g.newTokens()[0]));
        }
    }

    /** More prompts than fit at a time, of many lengths, ending at different times. */
    @Test
    void sequencesThatTakeTurnsInTheCacheAreThoseGeneratedAlone() {
        Generator generator = new Generator(graph(DataType.FLOAT), CONFIG);
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            int[] prompt = new int[1 + i * 7 % 13];
            Arrays.setAll(prompt, t -> (t * 5 + prompt.length) % 23);
            prompt[prompt.length - 1] = i % 23;
            prompts.add(prompt);
        }
        GenerationConfig settings = GenerationConfig.sample(14, 0.7, 9, 3, 8);
        List<GenerationResult> together = generator.generate(prompts, settings);
        assertTrue(together.stream().map(g -> g.newTokens().length).distinct().count() > 5);
        for (int i = 0; i < prompts.size(); i += 7) {
            int n = i;
            List<int[]> upToIt = prompts.subList(0, n + 1); // the index selects the stream of random numbers
            GenerationResult alone = generator
                    .generate(
                            IntStream.rangeClosed(0, n)
                                    .mapToObj(j -> j == n ? upToIt.get(j) : new int[] {1})
                                    .toList(),
                            settings)
                    .get(n);
            assertArrayEquals(alone.tokens(), together.get(i).tokens(), "prompt " + i);
            assertArrayEquals(alone.logProbs(), together.get(i).logProbs(), 1e-4f);
            assertArrayEquals(alone.entropies(), together.get(i).entropies(), 1e-4f);
        }
    }

    @Test
    void thePenaltyDividesPositiveLogitsAndMultipliesNegativeOnesOncePerToken() {
        GenerationConfig settings =
                GenerationConfig.greedy(3).toBuilder().repetitionPenalty(2).build();
        GeneratedSequence sequence =
                new GeneratedSequence(0, 0, new int[] {0, 3, 0}, 6, new SplittableRandom(1), settings);
        sequence.append(3, -1, 1);
        sequence.append(2, -1, 1);
        float[] logits = {3, 1.4f, 2, -1};
        new TokenSampler(settings, 4, TensorOpsFactory.forType(DataType.FLOAT).vectors())
                .penalize(logits, sequence.seenIds, sequence.seenCount(0));
        assertArrayEquals(new float[] {1.5f, 1.4f, 1, -2}, logits);
        GenerationConfig none = GenerationConfig.greedy(3);
        assertEquals(0, new GeneratedSequence(0, 0, new int[] {0, 3}, 5, new SplittableRandom(1), none).seenCount(0));
    }

    @Test
    void settingsOutOfRangeAreNamed() {
        Map<String, Consumer<GenerationConfig.Builder>> bad = Map.of(
                "maxNewTokens", b -> b.maxNewTokens(0),
                "temperature", b -> b.temperature(Double.NaN),
                "topK", b -> b.topK(-1),
                "topP", b -> b.topP(0),
                "minP", b -> b.minP(1.5),
                "repetitionPenalty", b -> b.repetitionPenalty(0),
                "lookup", b -> b.lookup(64),
                "stopIds", b -> b.stopIds(-1),
                "stopStrings", b -> b.stopStrings("a", ""));
        bad.forEach((name, change) -> {
            GenerationConfig.Builder builder = GenerationConfig.builder();
            change.accept(builder);
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, builder::build);
            assertTrue(e.getMessage().startsWith(name + " must be"), e.getMessage());
        });
        Generator generator = new Generator(graph(DataType.FLOAT), CONFIG);
        GenerationConfig stop = GenerationConfig.builder().stopStrings("x").build();
        assertThrows(IllegalArgumentException.class, () -> generator.generate(List.of(new int[] {1}), stop));
    }

    @Test
    void damagedWeightsAreReportedNotSampled() {
        for (double temperature : new double[] {0, 1}) {
            ComputationGraph graph = graph(DataType.FLOAT);
            graph.getLayer(DecoderGraph.NORM).getParam(FinalNorm.GAIN).assign(Double.NaN);
            GenerationConfig settings = GenerationConfig.builder()
                    .temperature(temperature)
                    .topP(0.9)
                    .topK(5)
                    .build();
            IllegalStateException e = assertThrows(
                    IllegalStateException.class,
                    () -> new Generator(graph, CONFIG).generate(List.of(new int[] {1}), settings));
            assertTrue(e.getMessage().contains("weights are damaged"), e.getMessage());
        }
    }

    @Test
    void badPromptsAreNamed() {
        Generator generator = new Generator(graph(DataType.FLOAT), CONFIG);
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> generator.generate(List.of(new int[] {1}, new int[] {2, 23}), GenerationConfig.greedy(1)));
        assertTrue(e.getMessage().contains("23 at position 1 of prompt 1"), e.getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> generator.generate(List.of(new int[32]), GenerationConfig.greedy(1)));
    }
}
