package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TinyRuns;
import io.github.psft4j.train.TokenListener;
import io.github.psft4j.train.TrainedTokens;
import io.github.psft4j.train.TrainerBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every trained token is shown once, in its place, and the report adds up to the clip fractions of the steps. */
class ClippedTokensTest {

    /** Recounts everything from the tokens themselves. */
    private static final class Recount implements TokenListener {
        final List<StepMetrics> steps = new ArrayList<>();
        final long[] trained = new long[19];
        final long[] clipped = new long[19];
        final double[] ratios = new double[19];
        double nll;
        double ratio;
        long tokens;

        @Override
        public void onTokens(TrainedTokens t) {
            Map<Demonstration, Integer> last = new IdentityHashMap<>();
            for (int i = 0; i < t.size(); i++) {
                Demonstration d = t.demonstration(i);
                assertEquals(t.id(i), d.tokens()[t.position(i)]);
                assertTrue(d.lossMask()[t.position(i)]);
                Integer before = last.put(d, t.position(i));
                assertTrue(before == null || t.position(i) > before, "each sequence is walked from left to right");
                trained[t.id(i)]++;
                clipped[t.id(i)] += t.clipped(i) ? 1 : 0;
                ratios[t.id(i)] += t.clipped(i) ? t.ratio(i) : 0;
                assertEquals(t.clipped(i), t.ratio(i) > 1.28);
                assertEquals(t.clipped(i) ? 0 : t.ratio(i), t.coefficient(i));
                nll -= t.logProb(i);
                ratio += t.ratio(i);
                tokens++;
                assertTrue(t.entropy(i) > 0);
            }
        }

        @Override
        public void onStep(StepMetrics metrics) {
            assertEquals(metrics.nll(), nll / tokens, 1e-9);
            assertEquals(metrics.meanRatio(), ratio / tokens, 1e-9);
            assertEquals(metrics.tokens(), tokens);
            nll = 0;
            ratio = 0;
            tokens = 0;
            steps.add(metrics);
        }
    }

    /** Sequences one by one, two padded, and several in a row in an order of the packing. */
    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0", "2, 16"})
    void theReportAddsUpToWhatTheStepsMeasured(int microBatch, int packing, @TempDir Path dir) throws Exception {
        Path file = dir.resolve("run/clipped-tokens.json");
        Recount recount = new Recount();
        List<Demonstration> data = TinyRuns.demonstrations(24, 5);
        CausalLm model = TinyRuns.model();
        TrainerBuilder trainer = TinyRuns.trainer(model).microBatch(microBatch);
        (packing == 0 ? trainer : trainer.packing(packing))
                .listener(recount)
                .listener(new ClippedTokens(file, null))
                .build()
                .fit(data);

        JsonNode report = new ObjectMapper().readTree(Files.readString(file));
        double fromSteps = recount.steps.stream()
                .mapToDouble(m -> m.clipFraction() * m.tokens())
                .sum();
        assertTrue(fromSteps > 10, "the run clips");
        assertEquals(fromSteps, report.path("clipped").asDouble(), 1e-9);
        assertEquals(
                Arrays.stream(recount.trained).sum(), report.path("trained").asLong());
        long previous = Long.MAX_VALUE;
        for (JsonNode token : report.path("tokens")) {
            int id = token.path("id").asInt();
            assertEquals(recount.clipped[id], token.path("clipped").asLong());
            assertEquals(recount.trained[id], token.path("trained").asLong());
            assertEquals(
                    recount.ratios[id] / recount.clipped[id],
                    token.path("mean_ratio").asDouble(),
                    1e-12);
            assertTrue(token.path("clipped").asLong() <= previous, "most often clipped first");
            previous = token.path("clipped").asLong();
            int contexts = token.path("contexts").size();
            assertTrue(contexts >= 1 && contexts <= Math.min(3, previous));
            assertEquals(
                    contexts, new HashSet<>(token.path("contexts").findValuesAsText("before")).size(), "different");
            assertEquals(
                    token.path("max_ratio").asDouble(),
                    token.path("contexts").get(0).path("ratio").asDouble());
            for (JsonNode context : token.path("contexts")) {
                assertContext(data, id, context.path("before").asText());
            }
        }
    }

    /** The context is how some demonstration goes on before an occurrence of the token. */
    private static void assertContext(List<Demonstration> data, int id, String before) {
        for (Demonstration d : data) {
            for (int p = 1; p < d.length(); p++) {
                int[] prefix = Arrays.copyOfRange(d.tokens(), Math.max(0, p - 12), p);
                if (d.lossMask()[p]
                        && d.tokens()[p] == id
                        && Arrays.toString(prefix).equals(before)) {
                    return;
                }
            }
        }
        throw new AssertionError("no demonstration has token " + id + " after " + before);
    }

    @Test
    void beingShownTheTokensChangesNothing() {
        CausalLm plain = TinyRuns.model();
        TinyRuns.trainer(plain).build().fit(TinyRuns.demonstrations(24, 5));
        CausalLm watched = TinyRuns.model();
        TinyRuns.trainer(watched).listener(new Recount()).build().fit(TinyRuns.demonstrations(24, 5));
        assertArrayEquals(
                plain.graph().params().data().asFloat(),
                watched.graph().params().data().asFloat());
    }
}
