package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.model.CausalLm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * PSFT at work on real text: needs {@code -Dpsft.gsm8k=PATH/train.jsonl} (GSM8K, question and answer), and says so when
 * it skips.
 */
class Gsm8kTest {

    private static final int ROWS = 500;

    /** Mean over the first 24 steps of the same loop, data and order in PyTorch 2.15 with transformers 5.23. */
    private static final double PYTORCH_CLIP_FRACTION = 0.4942;

    @Test
    void nllFallsAndTheClipWorksOnFiveHundredRows() throws Exception {
        String path = System.getProperty("psft.gsm8k");
        if (path == null) {
            System.out.println("Gsm8kTest is skipped: set -Dpsft.gsm8k=PATH/train.jsonl to run it on GSM8K");
        }
        Assumptions.assumeTrue(path != null, "-Dpsft.gsm8k is not set");
        CausalLm model = CausalLm.load(Path.of("src/test/resources/models/stories260K"));
        List<Demonstration> data = demonstrations(model, Path.of(path));
        double before = new Scorer(model, 8).report(data).nll();
        TinyRuns.Recorder recorder = new TinyRuns.Recorder();
        PsftTrainer.builder(model)
                .macroBatch(64)
                .miniBatch(8)
                .learningRate(1e-3)
                .warmupSteps(0)
                .epochs(1)
                .shuffle(false)
                .listener(recorder)
                .build()
                .fit(data);
        double after = new Scorer(model, 8).report(data).nll();
        double clip = recorder.steps.stream()
                .filter(s -> s.macroStep() <= 3)
                .mapToDouble(StepMetrics::clipFraction)
                .average()
                .orElseThrow();
        System.out.printf(
                "GSM8K, %d rows, lr 1e-3, K = 8: NLL %.3f -> %.3f, clip fraction of the first 3 macro-steps %.3f%n",
                data.size(), before, after, clip);
        assertEquals(ROWS, data.size());
        assertTrue(after < before - 1, "NLL " + before + " -> " + after);
        assertEquals(PYTORCH_CLIP_FRACTION, clip, 2e-3);
    }

    private static List<Demonstration> demonstrations(CausalLm model, Path file) throws Exception {
        ObjectMapper json = new ObjectMapper();
        List<Demonstration> out = new ArrayList<>();
        try (Stream<String> lines = Files.lines(file)) {
            for (String line : (Iterable<String>) lines::iterator) {
                JsonNode row = json.readTree(line);
                int[] prompt = model.tokenizer().encode(row.get("question").asText() + "\n");
                int[] answer = model.tokenizer().encode(row.get("answer").asText(), false);
                int[] completion = Arrays.copyOf(answer, answer.length + 1);
                completion[answer.length] = model.config().eosTokenId();
                if (prompt.length + completion.length <= model.config().maxPositions()) {
                    out.add(Demonstration.of(prompt, completion));
                }
                if (out.size() == ROWS) {
                    break;
                }
            }
        }
        return out;
    }
}
