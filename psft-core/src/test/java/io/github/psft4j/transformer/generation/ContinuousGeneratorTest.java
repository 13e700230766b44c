package io.github.psft4j.transformer.generation;

import static io.github.psft4j.transformer.generation.SmallDecoders.ENDLESS;
import static io.github.psft4j.transformer.generation.SmallDecoders.LARGE;
import static io.github.psft4j.transformer.generation.SmallDecoders.SMALL;
import static io.github.psft4j.transformer.generation.SmallDecoders.VOCABULARY;
import static io.github.psft4j.transformer.generation.SmallDecoders.endless;
import static io.github.psft4j.transformer.generation.SmallDecoders.graph;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.transformer.Architectures;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.generation.GenerationResult.Finish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ContinuousGeneratorTest {

    static Stream<Arguments> architectures() {
        Stream<Arguments> own = Stream.of(
                Arguments.of(Named.of("small", SMALL), DataType.FLOAT),
                Arguments.of(Named.of("large", LARGE), DataType.FLOAT),
                Arguments.of(Named.of("small", SMALL), DataType.DOUBLE));
        return Stream.concat(
                own,
                Architectures.all().entrySet().stream()
                        .map(e -> Arguments.of(Named.of(e.getKey(), e.getValue()), DataType.FLOAT)));
    }

    /** Requests of many lengths, settings and times, with a third of them cancelled on the way. */
    @ParameterizedTest
    @MethodSource("architectures")
    void aSequenceIsTheOneThatIsGeneratedAlone(DecoderConfig config, DataType type) throws Exception {
        ComputationGraph graph = graph(config, type);
        List<GenerationRequest> requests = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 40; i++) {
            int[] prompt = random.ints(1 + i % 7, 0, config.vocabSize()).toArray();
            GenerationConfig settings = GenerationConfig.builder()
                    .maxNewTokens(2 + i % 13)
                    .temperature(i % 3 == 0 ? 0 : 0.5 + i % 4 * 0.3)
                    .topK(i % 5 == 0 ? 7 : 0)
                    .topP(i % 4 == 0 ? 0.9 : 1)
                    .minP(i % 7 == 0 ? 0.02 : 0)
                    .repetitionPenalty(i % 6 == 0 ? 1.2 : 1)
                    .stopIds(i % 2 == 0 ? new int[] {3, 8} : new int[0])
                    .seed(i)
                    .build();
            requests.add(GenerationRequest.of(prompt, settings));
        }
        List<Followed> followed = new ArrayList<>();
        try (ContinuousGenerator generator =
                new ContinuousGenerator(graph, config, null, new BatchLimits(5, 64, 100))) {
            for (int i = 0; i < requests.size(); i++) {
                Followed one = new Followed(1);
                GenerationTicket ticket = generator.submit(requests.get(i), one);
                followed.add(one);
                if (i % 3 == 1) {
                    ticket.cancel();
                }
                if (i % 10 == 9) {
                    followed.get(i - 5).ends.get(0).get(60, TimeUnit.SECONDS); // later ones meet those on their way
                }
            }
            for (Followed one : followed) {
                one.end(0);
            }
            assertEquals(0, generator.running());
            assertEquals(0, generator.waiting());
        }
        Generator alone = new Generator(graph, config);
        for (int i = 0; i < requests.size(); i++) {
            GenerationResult got = followed.get(i).end(0);
            if (got.finish() == Finish.CANCELLED) {
                assertEquals(1, i % 3);
                continue;
            }
            GenerationRequest r = requests.get(i);
            // The generator makes the seed of its first prompt from that of the settings.
            long seed = r.settings().seed() * 0x9E3779B97F4A7C15L;
            GenerationResult expected =
                    alone.generate(List.of(r.prompt()), r.settings()).get(0);
            if (r.settings().temperature() > 0) {
                try (ContinuousGenerator again =
                        new ContinuousGenerator(graph, config, null, new BatchLimits(1, 64, 1))) {
                    Followed one = new Followed(1);
                    again.submit(new GenerationRequest(r.prompt(), r.settings(), new long[] {seed}, 0), one);
                    assertArrayEquals(expected.tokens(), one.end(0).tokens(), "seeded request " + i);
                    Followed same = new Followed(1);
                    again.submit(r, same);
                    expected = same.end(0);
                }
            }
            assertArrayEquals(expected.tokens(), got.tokens(), "request " + i);
            assertArrayEquals(expected.logProbs(), got.logProbs(), 1e-4f);
            assertEquals(expected.finish(), got.finish());
        }
    }

    @Test
    void aWaitingSequenceTakesTheSlotOfOneThatEnds() throws Exception {
        try (ContinuousGenerator generator =
                new ContinuousGenerator(graph(ENDLESS), ENDLESS, null, new BatchLimits(2, 100_000, 100))) {
            Followed endless = new Followed(1);
            generator.submit(GenerationRequest.of(new int[] {1}, endless()), endless);
            List<Followed> brief = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Followed one = new Followed(1);
                brief.add(one);
                generator.submit(GenerationRequest.of(new int[] {i}, GenerationConfig.greedy(2)), one);
            }
            for (Followed one : brief) {
                assertEquals(2, one.end(0).newTokens().length);
            }
            assertFalse(endless.ends.get(0).isDone()); // they took the other slot in turns
            assertEquals(1, generator.running());
        }
    }

    @Test
    void aCancelledRequestFreesItsSlot() throws Exception {
        try (ContinuousGenerator generator =
                new ContinuousGenerator(graph(ENDLESS), ENDLESS, null, new BatchLimits(1, 100_000, 10))) {
            Followed first = new Followed(2);
            GenerationTicket ticket =
                    generator.submit(new GenerationRequest(new int[] {1}, endless(), new long[] {1, 2}, 0), first);
            Followed second = new Followed(1);
            generator.submit(GenerationRequest.of(new int[] {2}, GenerationConfig.greedy(3)), second);
            first.first.get(60, TimeUnit.SECONDS);
            assertFalse(second.ends.get(0).isDone());
            ticket.cancel();
            assertEquals(3, second.end(0).newTokens().length);
            assertEquals(Finish.CANCELLED, first.end(0).finish());
            assertEquals(Finish.CANCELLED, first.end(1).finish()); // it never had a slot
        }
    }

    @Test
    void moreThanMayWaitAreRefused() throws Exception {
        ContinuousGenerator generator =
                new ContinuousGenerator(graph(ENDLESS), ENDLESS, null, new BatchLimits(1, 100_000, 3));
        try (generator) {
            Followed running = new Followed(1);
            generator.submit(GenerationRequest.of(new int[] {1}, endless()), running);
            running.first.get(60, TimeUnit.SECONDS);
            Followed waiting = new Followed(3);
            generator.submit(new GenerationRequest(new int[] {1}, endless(), new long[3], 0), waiting);
            String message = assertThrows(
                            RejectedExecutionException.class,
                            () -> generator.submit(GenerationRequest.of(new int[] {1}, endless()), new Followed(1)))
                    .getMessage();
            assertTrue(message.contains("3"), message);
            assertThrows(RejectedExecutionException.class, () -> generator.score(new int[] {1, 2}, 0));
        }
        assertFalse(generator.isOpen());
        assertThrows(
                RejectedExecutionException.class,
                () -> generator.submit(GenerationRequest.of(new int[] {1}, endless()), new Followed(1)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 9})
    void samplesOfOnePromptAreThoseOfTheirSeeds(int slots) throws Exception {
        ComputationGraph graph = graph(SMALL);
        GenerationConfig settings = GenerationConfig.sample(10, 1, 0);
        int[] prompt = {1, 2, 3};
        long[] seeds = {7, 8, 9, 10, 7};
        Followed together = new Followed(seeds.length);
        try (ContinuousGenerator generator =
                new ContinuousGenerator(graph, SMALL, null, new BatchLimits(slots, 64, 100))) {
            generator.submit(new GenerationRequest(prompt, settings, seeds, 0), together);
            for (int i = 0; i < seeds.length; i++) {
                together.end(i);
            }
        }
        List<GenerationResult> expected = new Generator(graph, SMALL).sample(List.of(prompt), List.of(seeds), settings);
        for (int i = 0; i < seeds.length; i++) {
            assertArrayEquals(expected.get(i).tokens(), together.end(i).tokens(), "sample " + i);
        }
        assertArrayEquals(together.end(0).tokens(), together.end(4).tokens());
    }

    @Test
    void theLikeliestTokensAreThoseOfTheSameDistribution() throws Exception {
        try (ContinuousGenerator generator =
                new ContinuousGenerator(graph(SMALL), SMALL, null, new BatchLimits(2, 64, 100))) {
            Followed greedy = new Followed(1);
            generator.submit(
                    new GenerationRequest(new int[] {1, 2}, GenerationConfig.greedy(20), new long[1], 999), greedy);
            GenerationResult result = greedy.end(0);
            for (int t = 0; t < 20; t++) {
                StreamedToken token = greedy.tokens.get(0).get(t);
                float[] all = token.likely().logProbs();
                assertEquals(VOCABULARY, all.length);
                assertEquals(token.id(), token.likely().ids()[0]);
                assertEquals(result.logProbs()[t], all[0], 0); // clients ask whether the two are equal
                assertEquals(
                        1,
                        IntStream.range(0, all.length)
                                .mapToDouble(j -> Math.exp(all[j]))
                                .sum(),
                        1e-5);
                assertTrue(IntStream.range(1, all.length).allMatch(j -> all[j] <= all[j - 1]));
            }
        }
    }

    @Test
    void scoresOfAPromptAreTheLogProbsOfItsGeneration() throws Exception {
        try (ContinuousGenerator generator =
                new ContinuousGenerator(graph(LARGE), LARGE, null, new BatchLimits(4, 64, 100))) {
            List<GenerationResult> results = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Followed one = new Followed(1);
                generator.submit(GenerationRequest.of(new int[] {i, 5}, GenerationConfig.greedy(5 + 7 * i)), one);
                results.add(one.end(0));
            }
            List<CompletableFuture<PromptScores>> scores = new ArrayList<>();
            for (GenerationResult result : results) {
                scores.add(generator.score(result.tokens(), 3)); // some of them share a pass
            }
            for (int i = 0; i < results.size(); i++) {
                PromptScores got = scores.get(i).get(60, TimeUnit.SECONDS);
                int[] tokens = results.get(i).tokens();
                assertEquals(tokens.length - 1, got.logProbs().length);
                assertArrayEquals(
                        results.get(i).logProbs(), Arrays.copyOfRange(got.logProbs(), 1, tokens.length - 1), 1e-4f);
                for (int t = 1; t < tokens.length - 1; t++) {
                    assertEquals(tokens[t + 1], got.likely().get(t).ids()[0]);
                    assertEquals(got.logProbs()[t], got.likely().get(t).logProbs()[0], 0);
                }
            }
            assertEquals(0, generator.score(new int[] {1}, 3).get().logProbs().length);
        }
    }

    @Test
    void aListenerThatThrowsEndsItsOwnRequestAlone() throws Exception {
        try (ContinuousGenerator generator =
                new ContinuousGenerator(graph(SMALL), SMALL, null, new BatchLimits(2, 64, 100))) {
            CompletableFuture<Throwable> told = new CompletableFuture<>();
            IllegalStateException fault = new IllegalStateException("the client is gone");
            Followed other = new Followed(1);
            generator.submit(GenerationRequest.of(new int[] {4}, GenerationConfig.greedy(60)), other);
            generator.submit(GenerationRequest.of(new int[] {1}, GenerationConfig.greedy(60)), new StreamListener() {
                @Override
                public void onToken(int sample, StreamedToken token) {
                    throw fault;
                }

                @Override
                public void onEnd(int sample, GenerationResult result) {}

                @Override
                public void onFailure(Throwable failure) {
                    told.complete(failure);
                }
            });
            assertSame(fault, told.get(60, TimeUnit.SECONDS));
            assertEquals(60, other.end(0).newTokens().length);
        }
    }

    @Test
    void drainingServesWhatIsThereAndClosingCancelsIt() throws Exception {
        Followed served = new Followed(1);
        try (ContinuousGenerator generator =
                new ContinuousGenerator(graph(SMALL), SMALL, null, new BatchLimits(1, 64, 100))) {
            generator.submit(GenerationRequest.of(new int[] {1}, GenerationConfig.greedy(50)), served);
            CompletableFuture<PromptScores> scored = generator.score(new int[] {1, 2}, 0);
            assertTrue(generator.drain(Duration.ofSeconds(60)));
            assertEquals(50, served.end(0).newTokens().length);
            assertEquals(1, scored.get().logProbs().length);
        }
        Followed cut = new Followed(1);
        try (ContinuousGenerator generator =
                new ContinuousGenerator(graph(ENDLESS), ENDLESS, null, new BatchLimits(1, 100_000, 100))) {
            generator.submit(GenerationRequest.of(new int[] {1}, endless()), cut);
            assertFalse(generator.drain(Duration.ofMillis(50)));
        }
        assertEquals(Finish.CANCELLED, cut.end(0).finish());
    }

    @Test
    void badRequestsAreNamed() {
        try (ContinuousGenerator generator =
                new ContinuousGenerator(graph(SMALL), SMALL, null, new BatchLimits(1, 8, 100))) {
            GenerationConfig settings = GenerationConfig.greedy(3);
            for (int[] prompt : List.of(new int[0], new int[8], new int[] {1, VOCABULARY})) {
                assertThrows(
                        IllegalArgumentException.class,
                        () -> generator.submit(GenerationRequest.of(prompt, settings), new Followed(1)),
                        Arrays.toString(prompt));
            }
            assertThrows(IllegalArgumentException.class, () -> generator.score(new int[9], 0));
            GenerationConfig stop = GenerationConfig.builder().stopStrings("x").build();
            assertThrows(
                    IllegalArgumentException.class,
                    () -> generator.submit(GenerationRequest.of(new int[] {1}, stop), new Followed(1)));
        }
    }

    @Test
    void damagedWeightsFailTheRequestAndLeaveTheGeneratorAlive() {
        ComputationGraph graph = graph(SMALL);
        graph.getLayer(DecoderGraph.NORM)
                .getParam(io.github.psft4j.transformer.FinalNorm.GAIN)
                .assign(Double.NaN);
        try (ContinuousGenerator generator = new ContinuousGenerator(graph, SMALL, null, new BatchLimits(1, 8, 100))) {
            for (int i = 0; i < 2; i++) {
                Followed one = new Followed(1);
                generator.submit(GenerationRequest.of(new int[] {1}, GenerationConfig.greedy(3)), one);
                String message = assertThrows(ExecutionException.class, () -> one.end(0))
                        .getCause()
                        .getMessage();
                assertTrue(message.contains("weights are damaged"), message);
            }
        }
    }
}
