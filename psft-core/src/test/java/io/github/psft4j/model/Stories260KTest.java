package io.github.psft4j.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A real pretrained model: greedy text as transformers writes it, fine-tuning, and the way out and back in. */
class Stories260KTest {

    private static final Path DIR = Path.of("src/test/resources/models/stories260K");

    @Test
    void greedyTextIsThatOfTransformers() {
        CausalLm model = CausalLm.load(DIR);
        String expected = "Once upon a time, there was a little girl named Lily. She loved to play outside in the park."
                + " One day, she saw a big, red ball. She wanted to play with it, but it was too high.";
        int n = model.tokenizer().encode(expected).length - 1;
        String text = model.tokenizer()
                .decode(
                        model.generate(List.of(new int[] {1}), GenerationConfig.greedy(n))
                                .get(0)
                                .tokens(),
                        true);
        assertEquals(expected, text.strip());
        assertTrue(model.generate("Once upon a time", GenerationConfig.greedy(20))
                .strip()
                .startsWith("Once upon a time, there was a little girl named Lily."));
    }

    @Test
    void modelOutlivesTheWorkspaceInWhichItWasMade() {
        try (MemoryWorkspace callers = Nd4j.getWorkspaceManager().getAndActivateWorkspace("CALLERS")) {
            for (CausalLm model : List.of(CausalLm.load(DIR), CausalLm.create(CausalLm.readConfig(DIR), null, 1))) {
                assertFalse(model.graph().params().isAttached());
                model.tensors().forEach((name, tensor) -> assertFalse(tensor.isAttached(), name));
            }
        }
    }

    @Test
    void fineTunedModelSavedAndLoadedComputesTheSameLogits(@TempDir Path dir) throws Exception {
        CausalLm model = CausalLm.load(DIR);
        List<Demonstration> data = List.of(demonstration(model, "The cat", " sat on the mat and slept."));
        double before = new Scorer(model, 1).report(data).nll();
        PsftTrainer.builder(model)
                .macroBatch(1)
                .miniBatch(1)
                .learningRate(1e-3)
                .warmupSteps(0)
                .maxSteps(5)
                .build()
                .fit(data);
        double after = new Scorer(model, 1).report(data).nll();
        assertTrue(after < before - 0.5, "NLL " + before + " -> " + after);

        model.save(dir);
        CausalLm restored = CausalLm.load(dir);
        assertEquals(model.config(), restored.config());
        INDArray ids = PackedTokens.padded(data, 1).getFeatures(0);
        assertArrayEquals(
                model.graph().output(false, ids)[0].dup().data().asFloat(),
                restored.graph().output(false, ids)[0].dup().data().asFloat());
        assertArrayEquals(
                Files.readAllBytes(DIR.resolve("tokenizer.json")), Files.readAllBytes(dir.resolve("tokenizer.json")));
        assertTrue(Files.readString(dir.resolve("config.json")).contains("\"LlamaForCausalLM\""));
    }

    private static Demonstration demonstration(CausalLm model, String prompt, String completion) {
        int[] p = model.tokenizer().encode(prompt);
        int[] whole = model.tokenizer().encode(prompt + completion);
        return Demonstration.of(p, java.util.Arrays.copyOfRange(whole, p.length, whole.length));
    }
}
