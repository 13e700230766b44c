package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** What a training step leaves on the Java heap once buffers have grown and classes are loaded. */
class StepAllocationTest {

    private static final int BATCH = 8;
    private static final int TIME = 128;
    private static final int VOCABULARY = 512;
    private static final int WARM_UP = 12;
    private static final int STEPS = 24;

    /**
     * All threads, DL4J's own objects included; 1,024 tokens a step, so that an object per token and layer would show.
     * Measured on the plain row kernels: vectors are objects until the JIT compiler has seen their loops, which takes
     * longer than a test.
     */
    @Test
    void aStepAllocatesLessThanOneMegabyteOfHeap() {
        String kernels = TensorOpsFactory.forType(DataType.FLOAT).name();
        assumeFalse(kernels.contains("portable") || kernels.contains("vector"), kernels);
        DecoderConfig config = DecoderConfig.builder()
                .hiddenSize(64)
                .heads(4)
                .kvHeads(2)
                .layers(4)
                .intermediateSize(172)
                .vocabSize(VOCABULARY)
                .maxPositions(TIME)
                .build();
        Meter meter = new Meter();
        PsftTrainer.builder(CausalLm.create(config, null, 1))
                .macroBatch(BATCH)
                .miniBatch(BATCH)
                .learningRate(1e-4)
                .warmupSteps(0)
                .maxSteps(WARM_UP + STEPS)
                .shuffle(false)
                .listener(meter)
                .build()
                .fit(random());
        double bytesPerStep = (double) meter.after(WARM_UP) / STEPS;
        assertTrue(bytesPerStep < 1e6, "a step allocates " + bytesPerStep + " bytes");
    }

    private static List<Demonstration> random() {
        Random random = new Random(1);
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            out.add(Demonstration.ofText(random.ints(TIME + 1, 0, VOCABULARY).toArray()));
        }
        return out;
    }

    /** Bytes that all living threads have allocated, noted at the end of each step. */
    private static final class Meter implements TrainerListener {
        private final com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final List<Long> marks = new ArrayList<>();

        @Override
        public void onStep(StepMetrics metrics) {
            long sum = 0;
            for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
                sum += Math.max(0, bytes);
            }
            marks.add(sum);
        }

        long after(int step) {
            return marks.get(marks.size() - 1) - marks.get(step - 1);
        }
    }
}
