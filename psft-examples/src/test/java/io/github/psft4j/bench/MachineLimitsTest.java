package io.github.psft4j.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** What a benchmark says of reading and multiplying is counted from the model, beside limits that were measured. */
class MachineLimitsTest {

    private static final String MODELS = "../psft-core/src/test/resources/";

    @Test
    void aPassReadsEveryMatrixOnceAndMultipliesItWithEveryToken() {
        MachineLimits limits = new MachineLimits(20e9, 100e9);
        DecoderConfig tied = CausalLm.readConfig(Path.of(MODELS, "models/stories260K"));
        assertTrue(tied.tiedEmbeddings());
        Map<String, Double> bytes = limits.beside(tied, Precision.BF16, 10, 40, 0.5);
        double numbers = tied.parameters();
        assertEquals(numbers * 2 / 1e6, bytes.get("weights of a pass, MB"), 1e-9);
        assertEquals(numbers * 2 * 10 / 0.5 / 1e9, bytes.get("weights read, GB/s"), 1e-9);
        assertEquals(2 * numbers * 40 / 0.5 / 1e9, bytes.get("products, GFLOP/s"), 1e-9);
        assertEquals(20, bytes.get("memory at most, GB/s"));
        assertEquals(100, bytes.get("products at most, GFLOP/s"));
    }

    @Test
    void anEmbeddingThatIsNoHeadIsLookedUpAndNotRead() {
        DecoderConfig apart = CausalLm.readConfig(Path.of(MODELS, "golden/llama-tiny"));
        double lookedUp = (double) apart.vocabSize() * apart.hiddenSize();
        double megabytes =
                new MachineLimits(1, 1).beside(apart, Precision.F32, 1, 1, 1).get("weights of a pass, MB");
        assertEquals((apart.parameters() - lookedUp) * 4 / 1e6, megabytes, 1e-9);
    }

    @Test
    void limitsAreMeasured() {
        MachineLimits limits = MachineLimits.measure(TensorOpsFactory.forGeneration(DataType.FLOAT, Precision.F32));
        assertTrue(limits.readRate() > 1e6 && limits.productRate() > 1e6, limits.toString());
        assertTrue(limits.readRate() < 1e13 && limits.productRate() < 1e15, "no loop was left out: " + limits);
    }
}
