package io.github.psft4j.transformer.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.data.batch.Packing;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.LogProbPass;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.NoOp;

class SamplesTest {

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

    /** Above and below the size at which every worker has sequences of its own. */
    private static final DecoderConfig LARGE = DecoderConfig.builder()
            .vocabSize(8000)
            .hiddenSize(256)
            .intermediateSize(256)
            .layers(1)
            .heads(4)
            .kvHeads(2)
            .maxPositions(32)
            .initializerRange(0.1)
            .tiedEmbeddings(true)
            .build();

    private static final List<int[]> PROMPTS =
            List.of(new int[] {1, 2, 3}, new int[] {4}, new int[] {5, 6, 7}, new int[] {1, 2, 3}, new int[] {8, 9});

    private final ComputationGraph graph = graph(CONFIG, DataType.FLOAT);
    private final Generator generator = new Generator(graph, CONFIG);

    private static ComputationGraph graph(DecoderConfig config, DataType type) {
        return DecoderGraph.create(
                DecoderGraph.configuration(config, new TokenLoss(new SftObjective()), new NoOp(), type, 5));
    }

    @Test
    void samplesOfOnePromptTakeAtMostThreeFifthsOfTheMemoryOfAsManyPrompts() {
        DecoderConfig config = DecoderConfig.builder()
                .vocabSize(23)
                .hiddenSize(64)
                .intermediateSize(64)
                .layers(4)
                .heads(4)
                .kvHeads(4)
                .maxPositions(600)
                .initializerRange(0.1)
                .tiedEmbeddings(true)
                .build();
        Generator large = new Generator(graph(config, DataType.FLOAT), config);
        List<int[]> prompts = IntStream.range(0, 8)
                .mapToObj(
                        b -> IntStream.range(0, 512).map(t -> (7 * t + b) % 23).toArray())
                .toList();
        GenerationConfig settings = GenerationConfig.sample(32, 1, 0);
        large.sample(prompts.subList(0, 1), List.of(LongStream.range(0, 8).toArray()), settings);
        long shared = large.cacheBytes();
        List<long[]> each = LongStream.range(0, 8).mapToObj(i -> new long[] {i}).toList();
        large.sample(prompts, each, settings);
        long apart = large.cacheBytes();
        assertTrue(apart >= 8L * 512 * 4 * 2 * 64 * Float.BYTES, apart + " bytes are less than the keys and values");
        assertTrue(shared <= 0.6 * apart, shared + " of " + apart + " bytes");
    }

    private static GenerationConfig at(double temperature) {
        return GenerationConfig.builder()
                .maxNewTokens(10)
                .temperature(temperature)
                .topK(9)
                .topP(0.95)
                .minP(0.01)
                .stopIds(7)
                .build();
    }

    private static List<long[]> seeds(int prompts, int samples) {
        List<long[]> seeds = new ArrayList<>();
        for (int i = 0; i < prompts; i++) {
            seeds.add(LongStream.range(100L * i, 100L * i + samples).toArray());
        }
        return seeds;
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void aSampleDoesNotDependOnTheOthers(DataType type) {
        for (DecoderConfig config : List.of(CONFIG, LARGE)) {
            Generator together = new Generator(graph(config, type), config);
            List<long[]> seeds = seeds(PROMPTS.size(), 7);
            List<GenerationResult> all = together.sample(PROMPTS, seeds, at(0.7));
            assertEquals(35, all.size());
            for (int i = 0; i < PROMPTS.size(); i++) {
                for (int j = 0; j < 7; j++) {
                    long[] seed = {seeds.get(i)[j]};
                    GenerationResult alone = together.sample(List.of(PROMPTS.get(i)), List.of(seed), at(0.7))
                            .get(0);
                    GenerationResult one = all.get(7 * i + j);
                    assertArrayEquals(alone.tokens(), one.tokens(), "prompt " + i + " sample " + j);
                    for (int t = 0; t < one.logProbs().length; t++) {
                        close(alone.logProbs()[t], one.logProbs()[t]);
                    }
                    assertArrayEquals(alone.entropies(), one.entropies(), 1e-4f);
                    assertEquals(alone.finish(), one.finish());
                }
            }
        }
    }

    @Test
    void moreSamplesThanFitAtATimeShareThePromptAsWell() {
        List<long[]> seeds = seeds(2, 150);
        List<int[]> prompts = PROMPTS.subList(0, 2);
        List<GenerationResult> all = generator.sample(prompts, seeds, at(1));
        Set<String> different = new HashSet<>();
        for (int i = 0; i < 300; i++) {
            long[] seed = {seeds.get(i / 150)[i % 150]};
            GenerationResult alone = generator
                    .sample(List.of(prompts.get(i / 150)), List.of(seed), at(1))
                    .get(0);
            assertArrayEquals(alone.tokens(), all.get(i).tokens(), "sample " + i);
            different.add(java.util.Arrays.toString(all.get(i).tokens()));
        }
        assertTrue(different.size() > 100, "only " + different.size() + " different samples");
    }

    @Test
    void logProbsAndEntropiesAreThoseOfTheLogitsOverTheTemperature() {
        for (double temperature : new double[] {0.5, 1, 1.7}) {
            List<GenerationResult> samples = generator.sample(PROMPTS, seeds(PROMPTS.size(), 4), at(temperature));
            List<Demonstration> sequences = new ArrayList<>();
            for (GenerationResult s : samples) {
                sequences.add(Demonstration.of(java.util.Arrays.copyOf(s.tokens(), s.promptLength()), s.newTokens()));
            }
            PackedTokens rows = PackedTokens.of(sequences, Packing.onePerRow(sequences));
            new LogProbPass(graph, CONFIG, temperature).run(rows.ids(), rows.layout(), rows.tokens());
            double[][] logProbs = rows.logProbs();
            for (int i = 0; i < samples.size(); i++) {
                GenerationResult s = samples.get(i);
                for (int t = 0; t < s.logProbs().length; t++) {
                    close(logProbs[i][s.promptLength() - 1 + t], s.logProbs()[t]);
                }
            }
        }
    }

    @Test
    void greedySamplesAndMissingSeedsAreRefused() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> generator.sample(PROMPTS, seeds(5, 2), GenerationConfig.greedy(3)))
                .getMessage();
        assertTrue(message.contains("temperature"), message);
        assertThrows(IllegalArgumentException.class, () -> generator.sample(PROMPTS, seeds(4, 2), at(1)));
    }

    /** Log-probs in float: rounding grows with them. */
    private static void close(double expected, double actual) {
        assertEquals(expected, actual, 1e-5 * Math.max(1, Math.abs(expected)));
    }
}
