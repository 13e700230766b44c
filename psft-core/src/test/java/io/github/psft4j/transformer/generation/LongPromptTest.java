package io.github.psft4j.transformer.generation;

import static io.github.psft4j.transformer.generation.SmallDecoders.ENDLESS;
import static io.github.psft4j.transformer.generation.SmallDecoders.VOCABULARY;
import static io.github.psft4j.transformer.generation.SmallDecoders.graph;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.generation.GenerationResult.Finish;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A server reads a long prompt in parts: the others go on, and the answer stays the same. */
class LongPromptTest {

    private static final int LONG = 2 * GenerationLane.PROMPT_TOKENS + 452;

    static Stream<Named<DecoderConfig>> models() {
        DecoderConfig windows = DecoderConfig.builder()
                .vocabSize(VOCABULARY)
                .hiddenSize(16)
                .intermediateSize(24)
                .layers(2)
                .heads(4)
                .kvHeads(2)
                .maxPositions(4000)
                .slidingWindow(700)
                .initializerRange(0.4)
                .build();
        return Stream.of(Named.of("all positions", ENDLESS), Named.of("a window", windows));
    }

    private static int[] prompt(long seed) {
        return new SplittableRandom(seed).ints(LONG, 0, VOCABULARY).toArray();
    }

    @ParameterizedTest
    @MethodSource("models")
    void theAnswerIsThatToThePromptReadAtOnce(DecoderConfig config) throws Exception {
        ComputationGraph graph = graph(config);
        GenerationConfig settings = GenerationConfig.greedy(6);
        GenerationResult expected = new Generator(graph, config)
                .generate(List.of(prompt(1)), settings)
                .get(0);
        try (ContinuousGenerator generator =
                new ContinuousGenerator(graph, config, null, new BatchLimits(2, 4000, 100))) {
            Followed samples = new Followed(3); // more than there are slots
            generator.submit(new GenerationRequest(prompt(1), settings, new long[3], 0), samples);
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(expected.tokens(), samples.end(i).tokens());
                assertArrayEquals(expected.logProbs(), samples.end(i).logProbs(), 1e-4f);
            }
        }
    }

    private static GeneratedSequence sequence(int index, int[] prompt) {
        int limit = prompt.length + 40;
        return new GeneratedSequence(
                index, index, prompt, limit, new SplittableRandom(index), GenerationConfig.greedy(40));
    }

    private static GenerationLane lane(int slots) {
        ComputationGraph graph = graph(ENDLESS);
        CachedForward forward = new CachedForward(
                DecoderGraph.ops(graph), graph, ENDLESS, slots, 4000, GenerationLane.PROMPT_TOKENS, true);
        return new GenerationLane(DecoderGraph.ops(graph), forward, ENDLESS, List.of(), slots, 1, true);
    }

    /** Which sequences get a token in each of the next steps. */
    private static List<String> steps(GenerationLane lane, int count) {
        List<String> out = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lane.step();
            out.add(String.join(
                    " ", lane.touched.stream().map(s -> String.valueOf(s.index)).toList()));
        }
        return out;
    }

    @Test
    void theOthersGetATokenAfterEveryPart() {
        GenerationLane lane = lane(3);
        lane.add(sequence(0, new int[] {1, 2}));
        lane.add(sequence(1, prompt(2)));
        lane.add(sequence(2, new int[] {4}));
        assertEquals(List.of("0", "0", "", "0", "", "0", "1", "0 1", "2", "0 1 2"), steps(lane, 10));
    }

    @Test
    void whatIsCancelledOnTheWayFreesItsSlot() {
        GenerationLane lane = lane(1);
        GeneratedSequence cancelled = sequence(0, prompt(3));
        lane.add(cancelled);
        lane.add(sequence(1, new int[] {5}));
        assertEquals(List.of("", ""), steps(lane, 2));
        cancelled.finish = Finish.CANCELLED;
        assertEquals(List.of("1", "1"), steps(lane, 2));
    }

    /** 4,000 pages in turn, of which 500 fit the first piece of memory. */
    @Test
    void sequencesThatEndGiveTheirMemoryToThoseThatFollow() {
        try (GenerationLane lane = lane(4)) {
            lane.add(sequence(0, new int[] {1, 2}));
            lane.step();
            long first = lane.cacheBytes();
            for (int i = 1; i <= 1000; i++) {
                GeneratedSequence s = sequence(i, new int[] {1, 2, 3});
                lane.add(s);
                lane.step();
                lane.step();
                s.finish = Finish.CANCELLED;
            }
            assertEquals(first, lane.cacheBytes());
        }
    }
}
