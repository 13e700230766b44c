package io.github.psft4j.eval.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.eval.task.EvalPrompt;
import io.github.psft4j.eval.task.GenerationSettings;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A model in this process beside its own scorer and generator. */
class LocalBackendTest {

    private static final CausalLm MODEL = CausalLm.load(Path.of("src/test/resources/models/stories260K"));

    private static LocalBackend backend(int batch) {
        return new LocalBackend(MODEL, null, Map.of(), batch);
    }

    private static EvalPrompt text(String text) {
        return new EvalPrompt(null, text);
    }

    private static double sum(int[] ids, int from) {
        float[] logProbs = new Scorer(MODEL, 1)
                .score(List.of(Demonstration.ofText(ids)))
                .get(0)
                .logProbs();
        double sum = 0;
        for (int t = from - 1; t < logProbs.length; t++) {
            sum += logProbs[t];
        }
        return sum;
    }

    @Test
    void aContinuationIsRatedByTheLogProbsOfItsTokens() {
        List<RatingRequest> requests = List.of(
                new RatingRequest(text("Once upon a"), List.of(" time", " day there was a", " x")),
                new RatingRequest(text("Lily went to the "), List.of("park", "big red ball")));
        Map<Integer, List<LogLikelihood>> rated = new TreeMap<>();
        backend(2).rate(requests, rated::put);
        for (int i = 0; i < requests.size(); i++) {
            // The space at the end of a prompt belongs to the token behind it.
            int front = MODEL.tokenizer().encode(requests.get(i).prompt().text().stripTrailing()).length;
            for (int c = 0; c < requests.get(i).continuations().size(); c++) {
                int[] whole = MODEL.tokenizer()
                        .encode(requests.get(i).prompt().text()
                                + requests.get(i).continuations().get(c));
                LogLikelihood own = rated.get(i).get(c);
                assertEquals(whole.length - front, own.tokens());
                assertEquals(sum(whole, front), own.sum(), 1e-4);
            }
        }
    }

    @Test
    void aTextLongerThanTheModelIsReadInWindowsThatPredictEveryTokenOnce() {
        String story = "Once upon a time there was a big dog. ".repeat(140);
        int[] ids = MODEL.tokenizer().encode(story, false);
        int longest = MODEL.config().longestSequence();
        assertTrue(ids.length > 2 * longest, "two windows are too few for this test");
        int[] all = new int[ids.length + 1];
        all[0] = MODEL.tokenizer().bosTokenId().orElseThrow();
        System.arraycopy(ids, 0, all, 1, ids.length);
        double expected = sum(Arrays.copyOf(all, longest + 1), 1);
        int predicted = longest + 1;
        for (; predicted < all.length; predicted = Math.min(all.length, predicted + longest)) {
            int to = Math.min(all.length, predicted + longest);
            int[] window = Arrays.copyOfRange(all, to - longest - 1, to);
            expected += sum(window, predicted - (to - longest - 1));
        }
        List<LogLikelihood> out = new ArrayList<>();
        backend(4).rateTexts(List.of(story), (i, rating) -> out.add(rating));
        assertEquals(ids.length, out.get(0).tokens());
        assertEquals(expected, out.get(0).sum(), 1e-3 * Math.abs(expected));
    }

    private static List<List<Completion>> answers(LocalBackend backend, double temperature, int samples) {
        List<CompletionRequest> requests = new ArrayList<>();
        for (String prompt : List.of("Once", "The cat", "One day, Tom", "She said", "It was a big")) {
            requests.add(new CompletionRequest(requests.size(), text(prompt), new long[] {3, 5}));
        }
        Map<Integer, List<Completion>> out = new TreeMap<>();
        if (samples == 1) {
            requests.replaceAll(r -> new CompletionRequest(r.question(), r.prompt(), new long[] {0}));
        }
        backend.complete(requests, new GenerationSettings(samples, 12, temperature, 1, 0, 0, List.of()), out::put);
        return List.copyOf(out.values());
    }

    @Test
    void answersDoNotDependOnWhatIsAskedBesideThem() {
        assertEquals(answers(backend(1), 0, 1), answers(backend(16), 0, 1));
        assertEquals(answers(backend(1), 1, 2), answers(backend(16), 1, 2));
        List<List<Completion>> greedy = answers(backend(3), 0, 1);
        assertEquals(
                MODEL.generate("Once", GenerationConfig.greedy(12)),
                "Once" + greedy.get(0).get(0).text());
        assertEquals(Completion.LENGTH, greedy.get(0).get(0).finish());
        assertEquals(12, greedy.get(0).get(0).tokens());
    }

    @Test
    void aPromptThatDoesNotFitIsAnErrorOfItsQuestionAlone() {
        List<CompletionRequest> requests = List.of(
                new CompletionRequest(0, text("word ".repeat(600)), new long[] {0}),
                new CompletionRequest(1, text("Once"), new long[] {0}));
        Map<Integer, List<Completion>> out = new TreeMap<>();
        backend(4).complete(requests, new GenerationSettings(1, 4, 0, 1, 0, 0, List.of()), out::put);
        assertTrue(
                out.get(0).get(0).error().contains("the model takes 512"),
                out.get(0).get(0).error());
        assertNull(out.get(1).get(0).error());
    }
}
