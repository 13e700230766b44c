package io.github.psft4j.train.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.ParameterRange;
import io.github.psft4j.train.PsftTrainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Which parameters decay: matrices alone leaves vectors as no decay at all does, and matrices as decay of everything
 * does.
 */
class DecayScopeTest {

    private static final Path MODELS = Path.of("src/test/resources/golden");

    /** GPT-2 has biases and a learned position table, Llama only gains besides its matrices. */
    @ParameterizedTest
    @ValueSource(strings = {"llama-tiny", "gpt2-tiny"})
    void onlyMatricesDecay(String model) {
        Map<String, float[]> all = step(model, DecayScope.ALL, 0.5);
        Map<String, float[]> matrices = step(model, DecayScope.MATRICES, 0.5);
        Map<String, float[]> none = step(model, DecayScope.ALL, 0);
        CausalLm lm = CausalLm.load(MODELS.resolve(model));
        int vectors = 0;
        for (Map.Entry<String, INDArray> tensor : lm.tensors().entrySet()) {
            String name = tensor.getKey();
            boolean vector = tensor.getValue().rank() == 1;
            vectors += vector ? 1 : 0;
            assertArrayEquals(vector ? none.get(name) : all.get(name), matrices.get(name), name);
        }
        assertTrue(vectors > 0, "the model has vectors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-tiny", "gpt2-tiny"})
    void parameterRangesCoverTheFlatVectorWithoutGaps(String model) {
        CausalLm lm = CausalLm.load(MODELS.resolve(model));
        List<ParameterRange> ranges = lm.parameterRanges();
        long at = 0;
        for (ParameterRange range : ranges) {
            assertEquals(at, range.from(), range.name());
            at = range.to();
        }
        assertEquals(lm.config().parameters(), at);
    }

    private static Map<String, float[]> step(String model, DecayScope scope, double decay) {
        CausalLm lm = CausalLm.load(MODELS.resolve(model));
        List<Demonstration> data = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            data.add(Demonstration.ofText(new int[] {1 + i, 7, 30 + i, 12, 60}));
        }
        PsftTrainer.builder(lm)
                .macroBatch(4)
                .miniBatch(2)
                .learningRate(1e-2)
                .warmupSteps(0)
                .weightDecay(decay)
                .decayScope(scope)
                .maxGradNorm(0)
                .maxSteps(1) // a second step would see other gradients
                .build()
                .fit(data);
        Map<String, float[]> out = new java.util.LinkedHashMap<>();
        lm.tensors()
                .forEach((name, tensor) -> out.put(name, tensor.dup('c').data().asFloat()));
        return out;
    }
}
