package io.github.psft4j.transformer.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.model.CausalLm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Greedy continuations, repetition penalty and the sampled distribution against transformers
 * ({@code make_generation.py}).
 */
class GenerationGoldenTest {

    private static final Path RESOURCES = Path.of("src/test/resources");

    private static CausalLm model;
    private static JsonNode golden;

    @BeforeAll
    static void load() throws IOException {
        model = CausalLm.load(RESOURCES.resolve("models/stories260K"));
        golden = new ObjectMapper()
                .readTree(RESOURCES.resolve("golden/generation/generation.json").toFile());
    }

    private static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        Arrays.setAll(values, i -> array.get(i).asInt());
        return values;
    }

    /** Prompts of different lengths in one batch. */
    @Test
    void greedyIdsAndLogProbsAreThoseOfTransformersWithAnyRepetitionPenalty() {
        Map<Double, List<JsonNode>> byPenalty = new TreeMap<>();
        golden.get("greedy")
                .forEach(c -> byPenalty
                        .computeIfAbsent(c.get("penalty").asDouble(), p -> new ArrayList<>())
                        .add(c));
        assertEquals(4, byPenalty.size());
        byPenalty.forEach((penalty, cases) -> {
            GenerationConfig settings = GenerationConfig.builder()
                    .maxNewTokens(40)
                    .repetitionPenalty(penalty)
                    .build();
            List<GenerationResult> out = model.generate(
                    cases.stream().map(c -> ints(c.get("prompt"))).toList(), settings);
            for (int i = 0; i < out.size(); i++) {
                assertArrayEquals(ints(cases.get(i).get("ids")), out.get(i).tokens(), "penalty " + penalty);
                JsonNode logProbs = cases.get(i).get("logProbs");
                for (int t = 0; t < logProbs.size(); t++) {
                    assertEquals(logProbs.get(t).asDouble(), out.get(i).logProbs()[t], 1e-4);
                }
            }
        });
    }

    @Test
    void whatMayBeDrawnAndHowOftenIsWhatTransformersDrawsFrom() {
        for (JsonNode c : golden.get("draw")) {
            GenerationConfig settings = GenerationConfig.builder()
                    .repetitionPenalty(c.get("penalty").asDouble())
                    .temperature(c.get("temperature").asDouble())
                    .topK(c.get("topK").asInt())
                    .topP(c.get("topP").asDouble())
                    .minP(c.get("minP").asDouble())
                    .build();
            int[] prompt = ints(c.get("prompt"));
            float[] logits = lastLogits(prompt);
            TokenSampler sampler = new TokenSampler(
                    settings,
                    logits.length,
                    TensorOpsFactory.forType(DataType.FLOAT).vectors());
            int[] seen = Arrays.stream(prompt).distinct().toArray();
            sampler.penalize(logits, seen, settings.repetitionPenalty() == 1 ? 0 : seen.length);
            float max = Float.NEGATIVE_INFINITY;
            for (float z : logits) {
                max = Math.max(max, z);
            }
            int n = sampler.candidates(logits, max);
            Map<Integer, Double> weights = new TreeMap<>();
            double mass = 0;
            for (int i = 0; i < n; i++) {
                weights.put(sampler.ids[i], (double) sampler.weights[i]);
                mass += sampler.weights[i];
            }
            assertArrayEquals(
                    ints(c.get("ids")),
                    weights.keySet().stream().mapToInt(Integer::intValue).toArray(),
                    settings.toString());
            int at = 0;
            for (double weight : weights.values()) {
                assertEquals(c.get("probabilities").get(at++).asDouble(), weight / mass, 2e-5, settings.toString());
            }
        }
    }

    private static float[] lastLogits(int[] tokens) {
        INDArray ids = Nd4j.create(1, tokens.length);
        for (int t = 0; t < tokens.length; t++) {
            ids.putScalar(0, t, tokens[t]);
        }
        float[] all = model.graph().output(false, ids)[0].dup('c').data().asFloat(); // [1, T, V]
        return Arrays.copyOfRange(all, all.length - 512, all.length);
    }

    @Test
    void aStopStringEndsTheTextBeforeItAndKeepsTheTokensThatSpellIt() {
        int[] prompt = model.tokenizer().encode("Once upon a time");
        GenerationConfig free = GenerationConfig.greedy(40);
        String text = model.generate(List.of(prompt), free).get(0).text();
        String stop = "there was a little girl";
        assertTrue(text.contains(stop), text);
        StringBuilder streamed = new StringBuilder();
        GenerationResult g = model.generate(
                        List.of(prompt),
                        free.toBuilder().stopStrings("nowhere", stop).build(),
                        (sequence, token, logProb, part) -> {
                            streamed.append(part);
                            return true;
                        })
                .get(0);
        assertEquals(GenerationResult.Finish.STOP_STRING, g.finish());
        assertEquals(text.substring(0, text.indexOf(stop)), g.text());
        assertEquals(g.text(), streamed.toString());
        String spelled = model.tokenizer().decode(g.tokens(), true);
        assertTrue(spelled.contains(stop), spelled);
        int[] oneLess = Arrays.copyOf(g.tokens(), g.tokens().length - 1);
        assertTrue(!model.tokenizer().decode(oneLess, true).contains(stop), "stopped a token too late");
        assertEquals(g.newTokens().length, g.logProbs().length);
        assertEquals(g.newTokens().length, g.entropies().length);
        assertEquals(
                "Once upon a time" + g.text(),
                model.generate(
                                "Once upon a time",
                                free.toBuilder().stopStrings(stop).build())
                        .stripLeading());
    }

    @Test
    void aSpecialTokenAsStopStringStopsByItsId() {
        GenerationResult g = model.generate(
                        List.of(new int[] {1}),
                        GenerationConfig.builder()
                                .maxNewTokens(400)
                                .temperature(1)
                                .seed(1)
                                .stopStrings("<s>")
                                .build())
                .get(0);
        assertEquals(GenerationResult.Finish.STOP_ID, g.finish());
        assertEquals(1, g.tokens()[g.tokens().length - 1]);
        assertTrue(!g.text().contains("<s>"), g.text());
    }

    @Test
    void theListenerSeesEveryTokenInOrderAndMayEndASequence() {
        List<int[]> prompts = List.of(new int[] {1}, new int[] {1, 403, 407}, new int[] {1});
        List<List<Integer>> tokens = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        List<StringBuilder> texts = List.of(new StringBuilder(), new StringBuilder(), new StringBuilder());
        List<GenerationResult> out =
                model.generate(prompts, GenerationConfig.greedy(20), (sequence, token, logProb, part) -> {
                    tokens.get(sequence).add(token);
                    texts.get(sequence).append(part);
                    return sequence != 2 || tokens.get(2).size() < 5;
                });
        for (int i = 0; i < 3; i++) {
            int[] seen = tokens.get(i).stream().mapToInt(Integer::intValue).toArray();
            assertArrayEquals(out.get(i).newTokens(), seen);
            assertEquals(out.get(i).text(), texts.get(i).toString());
            assertEquals(i == 2 ? 5 : 20, seen.length);
        }
        assertEquals(GenerationResult.Finish.CANCELLED, out.get(2).finish());
        assertEquals(GenerationResult.Finish.LENGTH, out.get(0).finish());
        assertArrayEquals(Arrays.copyOf(out.get(0).tokens(), 6), out.get(2).tokens());
    }
}
