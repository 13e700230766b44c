package io.github.psft4j.transformer.generation;

import static io.github.psft4j.transformer.generation.SmallDecoders.ENDLESS;
import static io.github.psft4j.transformer.generation.SmallDecoders.LARGE;
import static io.github.psft4j.transformer.generation.SmallDecoders.SMALL;
import static io.github.psft4j.transformer.generation.SmallDecoders.graph;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.transformer.Architectures;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.RopeScaling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Prompt lookup changes how many passes a generation takes, and nothing else. */
class PromptLookupTest {

    static Stream<Arguments> architectures() {
        Map<String, DecoderConfig> all = Architectures.all();
        all.put("small", SMALL);
        return all.entrySet().stream().map(e -> Arguments.of(Named.of(e.getKey(), e.getValue())));
    }

    private static GenerationConfig with(int lookup, GenerationConfig settings) {
        return settings.toBuilder().lookup(lookup).build();
    }

    /** Prompts of many lengths that repeat three tokens. */
    private static List<int[]> repetitive(DecoderConfig config) {
        SplittableRandom random = new SplittableRandom(3);
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            int[] period = random.ints(3, 0, config.vocabSize()).toArray();
            int[] prompt = new int[1 + i];
            Arrays.setAll(prompt, t -> period[t % 3]);
            prompts.add(prompt);
        }
        return prompts;
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void tokensAndLogProbsAreThoseWithoutIt(DecoderConfig config) {
        Generator generator = new Generator(graph(config), config);
        List<int[]> prompts = repetitive(config);
        int proposed = 0;
        int accepted = 0;
        for (double temperature : new double[] {0, 0.6}) {
            for (double penalty : new double[] {1, 1.2}) {
                GenerationConfig settings = GenerationConfig.builder()
                        .maxNewTokens(40)
                        .temperature(temperature)
                        .topK(7)
                        .repetitionPenalty(penalty)
                        .stopIds(3)
                        .seed(5)
                        .build();
                List<GenerationResult> without = generator.generate(prompts, settings);
                for (int lookup : new int[] {1, 5}) {
                    List<GenerationResult> with = generator.generate(prompts, with(lookup, settings));
                    for (int i = 0; i < with.size(); i++) {
                        requireSame(without.get(i), with.get(i));
                        proposed += with.get(i).proposed();
                        accepted += with.get(i).accepted();
                    }
                }
            }
        }
        // A ring that has wrapped forgets what a rejected token takes the place of, so nothing is proposed there.
        boolean rings = IntStream.range(0, config.layers())
                .anyMatch(i -> config.attention(i, 1, 1).window() > 0);
        String counts = accepted + " of " + proposed + " proposed tokens accepted";
        assertTrue(rings ? proposed == 0 : accepted > 0 && accepted < proposed, counts);
    }

    private static void requireSame(GenerationResult expected, GenerationResult actual) {
        assertArrayEquals(expected.tokens(), actual.tokens());
        assertArrayEquals(expected.logProbs(), actual.logProbs(), 1e-4f);
        assertArrayEquals(expected.entropies(), actual.entropies(), 1e-4f);
        assertEquals(expected.finish(), actual.finish());
        assertEquals(expected.text(), actual.text());
    }

    @Test
    void samplesOfAPromptAreThoseWithoutIt() {
        for (DecoderConfig config : List.of(SMALL, LARGE)) {
            Generator generator = new Generator(graph(config), config);
            List<int[]> prompts = repetitive(config).subList(5, 9);
            List<long[]> seeds =
                    prompts.stream().map(p -> LongStream.range(0, 20).toArray()).toList();
            GenerationConfig settings = GenerationConfig.sample(30, 0.3, 0);
            List<GenerationResult> without = generator.sample(prompts, seeds, settings);
            List<GenerationResult> with = generator.sample(prompts, seeds, with(4, settings));
            for (int i = 0; i < with.size(); i++) {
                requireSame(without.get(i), with.get(i));
            }
        }
    }

    @Test
    void aTextThatRepeatsItselfTakesFewerPasses() {
        Generator generator = new Generator(graph(ENDLESS), ENDLESS);
        GenerationResult result = generator
                .generate(List.of(new int[] {1, 2, 3}), with(8, GenerationConfig.greedy(400)))
                .get(0);
        int passes = result.newTokens().length - result.accepted();
        assertTrue(passes < 300, passes + " passes for 400 tokens");
    }

    @Test
    void aListenerSeesEveryTokenInOrderAndEndsBetweenTwoOfAPass() {
        Generator generator = new Generator(graph(SMALL), SMALL);
        List<int[]> prompt = List.of(new int[] {1, 2, 3});
        GenerationConfig settings = with(8, GenerationConfig.greedy(60));
        GenerationResult whole = generator.generate(prompt, settings).get(0);
        for (int end = 1; end < 60; end++) {
            int last = end;
            List<Integer> seen = new ArrayList<>();
            GenerationResult cut = generator
                    .generate(prompt, settings, (sequence, token, logProb, text) -> {
                        seen.add(token);
                        return seen.size() < last;
                    })
                    .get(0);
            assertArrayEquals(Arrays.copyOf(whole.newTokens(), end), cut.newTokens());
            assertArrayEquals(cut.newTokens(), seen.stream().mapToInt(i -> i).toArray());
            assertEquals(GenerationResult.Finish.CANCELLED, cut.finish());
        }
    }

    @Test
    void aStopStringWithinAPassEndsTheTextThere() {
        Detokenizer letters =
                ids -> Arrays.stream(ids).mapToObj(id -> "" + (char) ('a' + id)).reduce("", String::concat);
        Generator generator = new Generator(graph(SMALL), SMALL, letters);
        List<int[]> prompt = List.of(new int[] {1, 2, 3});
        String text =
                generator.generate(prompt, GenerationConfig.greedy(60)).get(0).text();
        for (int at = 1; at < 58; at++) {
            GenerationConfig settings = GenerationConfig.greedy(60).toBuilder()
                    .stopStrings(text.substring(at, at + 2))
                    .build();
            requireSame(
                    generator.generate(prompt, settings).get(0),
                    generator.generate(prompt, with(8, settings)).get(0));
        }
    }

    @Test
    void requestsThatComeAtAnyTimeAreDecodedWithIt() throws Exception {
        List<int[]> prompts = repetitive(SMALL);
        GenerationConfig settings = GenerationConfig.sample(40, 0.3, 7);
        List<GenerationResult> alone = new ArrayList<>();
        for (int[] prompt : prompts) {
            alone.add(new Generator(graph(SMALL), SMALL)
                    .generate(List.of(prompt), settings)
                    .get(0));
        }
        List<Followed> followed = new ArrayList<>();
        try (ContinuousGenerator generator =
                new ContinuousGenerator(graph(SMALL), SMALL, null, new BatchLimits(4, 64, 100))) {
            for (int[] prompt : prompts) {
                Followed one = new Followed(1);
                long seed = settings.seed() * 0x9E3779B97F4A7C15L;
                generator.submit(new GenerationRequest(prompt, with(6, settings), new long[] {seed}, 3), one);
                followed.add(one);
            }
            int accepted = 0;
            for (int i = 0; i < prompts.size(); i++) {
                GenerationResult result = followed.get(i).end(0);
                requireSame(alone.get(i), result);
                accepted += result.accepted();
                List<StreamedToken> tokens = followed.get(i).tokens.get(0);
                for (int t = 0; t < tokens.size(); t++) {
                    StreamedToken token = tokens.get(t);
                    assertEquals(result.newTokens()[t], token.id());
                    for (int j = 0; j < token.likely().ids().length; j++) {
                        if (token.likely().ids()[j] == token.id()) {
                            assertEquals(result.logProbs()[t], token.likely().logProbs()[j]);
                        }
                    }
                }
            }
            assertTrue(accepted > 0);
        }
    }

    @Test
    void theProposalFollowsTheLongestSuffixThatCameBefore() {
        int[] text = {1, 2, 3, 4, 9, 2, 3, 7, 8, 1, 2, 3};
        assertArrayEquals(new int[] {4, 9, 2}, PromptLookup.propose(text, 12, 3), "1 2 3, not the later 2 3");
        int[] twice = {2, 3, 4, 2, 3, 5, 2, 3};
        assertArrayEquals(new int[] {5, 2}, PromptLookup.propose(twice, 8, 2), "the later place");
        int[] period = {7, 1, 2, 1, 2};
        assertArrayEquals(new int[] {1, 2, 1, 2, 1}, PromptLookup.propose(period, 5, 5), "beyond the end");
        assertEquals(0, PromptLookup.propose(new int[] {1, 2, 3, 2}, 4, 5).length, "one token is too short");
        assertEquals(0, PromptLookup.propose(period, 5, 0).length);
    }

    @Test
    void dynamicRopeScalingRefusesItByName() {
        DecoderConfig dynamic = DecoderConfig.builder()
                .vocabSize(11)
                .hiddenSize(8)
                .intermediateSize(12)
                .layers(1)
                .heads(2)
                .kvHeads(2)
                .maxPositions(16)
                .ropeScaling(RopeScaling.dynamic(2))
                .build();
        Generator generator = new Generator(graph(dynamic), dynamic);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> generator.generate(List.of(new int[] {1}), with(2, GenerationConfig.greedy(3))))
                .getMessage();
        assertTrue(message.startsWith("lookup must be 0 for a model with dynamic RoPE scaling, was 2"), message);
    }
}
