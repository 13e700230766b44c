package io.github.psft4j.losses;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/** A smaller micro-batch takes less memory everywhere, in the pass of the reference model too. */
class ReferenceMemoryTest {

    private static final String WORKSPACE = "PSFT4J_LOG_PROBS"; // of the passes without gradients, one per thread

    private static long bytes(int micro) throws Exception {
        DecoderConfig config = DecoderConfig.builder()
                .vocabSize(23)
                .hiddenSize(16)
                .intermediateSize(20)
                .layers(1)
                .heads(2)
                .maxPositions(64)
                .build();
        List<Demonstration> pairs = IntStream.range(0, 16)
                .mapToObj(i -> Demonstration.of(new int[] {1, 2, 3}, new int[61]))
                .toList();
        Callable<Long> training = () -> {
            PsftTrainer.builder(CausalLm.create(config, null, 1))
                    .objective(ObjectiveRegistry.create("dpo", Map.of()))
                    .reference(CausalLm.create(config, null, 2))
                    .macroBatch(16)
                    .miniBatch(16)
                    .microBatch(micro)
                    .maxSteps(1)
                    .build()
                    .fit(pairs);
            long size = Nd4j.getWorkspaceManager()
                    .getWorkspaceForCurrentThread(WORKSPACE)
                    .getCurrentSize();
            Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
            return size;
        };
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            return thread.submit(training).get();
        } finally {
            thread.shutdown();
        }
    }

    @Test
    void theReferencesPassTakesMicroBatches() throws Exception {
        long whole = bytes(16);
        long parts = bytes(2);
        assertTrue(whole > 0 && parts < whole / 4, parts + " bytes with a micro-batch of 2, " + whole + " with 16");
    }
}
