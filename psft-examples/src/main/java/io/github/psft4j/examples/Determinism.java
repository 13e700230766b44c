package io.github.psft4j.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.ModelFingerprint;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.optimizer.LearningRateSchedule;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.nd4j.linalg.api.ndarray.INDArray;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Checks whether two processes learn the same to the last bit. It trains a small model by PSFT and prints the SHA-256
 * of its weights with what computed them. Equal lines mean equal weights; {@code --against} says how far apart others
 * are.
 *
 * <p>Threads and kernels are set as for any program: {@code -Dpsft.threads=n}, {@code -Dpsft.rows},
 * {@code -Dpsft.products}, {@code -Dpsft.ops}.
 */
@Command(
        name = "Determinism",
        description = "Trains a small model by PSFT and prints the SHA-256 of its weights and what computed them.")
public final class Determinism extends Program {

    private static final int VOCABULARY = 509;
    private static final int LONGEST = 160;
    private static final DecoderConfig CONFIG = DecoderConfig.builder()
            .vocabSize(VOCABULARY)
            .hiddenSize(128)
            .intermediateSize(344)
            .layers(3)
            .heads(4)
            .kvHeads(2)
            .maxPositions(LONGEST)
            .build();

    @Option(names = "--precision", paramLabel = "NAME", description = "f32 or bf16.")
    private Precision precision = Precision.F32;

    @Option(names = "--seed", paramLabel = "N", description = "Of weights, data and order.")
    private long seed = 42;

    @Option(names = "--steps", paramLabel = "N", description = "Optimizer steps.")
    private int steps = 24;

    @Option(names = "--weights", paramLabel = "DIR", description = "Where the trained model is saved.")
    private Path weights;

    @Option(names = "--against", paramLabel = "DIR", description = "A saved model to compare with.")
    private Path against;

    private Determinism() {}

    /** Runs with the arguments listed by {@code --help}. */
    public static void main(String[] args) {
        new Determinism().start(args);
    }

    /** Trains and prints one JSON object. */
    @Override
    void run() throws JsonProcessingException {
        Map<String, Object> out = new LinkedHashMap<>();
        CausalLm model = CausalLm.create(CONFIG, null, seed);
        PsftTrainer.builder(model)
                .macroBatch(32)
                .miniBatch(8)
                .microBatch(4)
                .packing(LONGEST)
                .learningRate(2e-3)
                .schedule(LearningRateSchedule.COSINE)
                .warmupSteps(4)
                .sftWarmup(WarmupSchedule.steps(1))
                .maxSteps(steps)
                .seed(seed)
                .precision(precision)
                .listener(new FirstLoss(out))
                .build()
                .fit(demonstrations(seed, 72));
        out.put("sha256", ModelFingerprint.of(model));
        out.put(
                "held_out_nll",
                new Scorer(model, 4).report(demonstrations(seed + 1, 24)).nll());
        if (against != null) {
            INDArray other = CausalLm.load(against).graph().params();
            out.put("max_weight_difference", other.sub(model.graph().params()).amaxNumber());
        }
        out.put("kernels", DecoderGraph.ops(model.graph()).name());
        out.put("threads", WorkerPool.shared().workers());
        out.put("java", Runtime.version().toString());
        if (weights != null) {
            model.save(weights);
        }
        System.out.println(new ObjectMapper().writeValueAsString(out));
    }

    /**
     * Arithmetic progressions modulo the vocabulary, whose step the prompt shows: something to learn, of mixed lengths.
     */
    private static List<Demonstration> demonstrations(long seed, int n) {
        Random random = new Random(seed);
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int first = random.nextInt(VOCABULARY);
            int step = 1 + random.nextInt(6);
            int[] prompt = progression(first, step, 3);
            out.add(Demonstration.of(prompt, progression(first + 3 * step, step, 4 + random.nextInt(LONGEST - 8))));
        }
        return out;
    }

    private static int[] progression(int first, int step, int n) {
        int[] out = new int[n];
        for (int i = 0; i < n; i++) {
            out[i] = (first + i * step) % VOCABULARY;
        }
        return out;
    }

    /** The loss of the first step and of the last one: where two runs part. */
    private record FirstLoss(Map<String, Object> out) implements TrainerListener {
        @Override
        public void onStep(StepMetrics metrics) {
            out.putIfAbsent("first_nll", metrics.nll());
            out.put("last_nll", metrics.nll());
        }
    }
}
