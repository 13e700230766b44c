package io.github.psft4j.examples;

import io.github.psft4j.data.Demonstration;
import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.kernel.TensorOpsFactory;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import io.github.psft4j.transformer.DecoderConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Speed of training steps on random tokens: {@code Bench --shape B,T,D,H,KV,L,F,V --objective sft|psft --steps n}, with
 * B sequences of T tokens, width D, H query and KV key/value heads, L layers, feed-forward F, vocabulary V. PSFT runs
 * with K = 8, and its time per step includes the snapshot pass. Threads are set by {@code -Dpsft.threads=n}.
 */
public final class Bench {

    private static final int K = 8;

    /** The first steps compile and load; they are not counted. */
    private static final int WARM_UP = 8;

    private Bench() {}

    /**
     * What was measured.
     *
     * @param objective sft or psft
     * @param shape B, T, D, H, KV, L, F, V
     * @param parameters of the model
     * @param tokensPerSecond from the median step for SFT, from the mean for PSFT, whose snapshot pass falls on one step in
     *     eight
     * @param milliseconds the step that this is computed from
     * @param best fastest step, milliseconds
     * @param worst slowest step, milliseconds
     * @param peakMemory highest resident memory, in words
     * @param kernels name of the kernels
     */
    public record Result(
            String objective,
            int[] shape,
            long parameters,
            double tokensPerSecond,
            double milliseconds,
            double best,
            double worst,
            String peakMemory,
            String kernels) {

        /** One line. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s %s: %.2f M parameters, %,.0f tokens/s (%s %.1f ms, best %.1f, worst %.1f), peak RSS %s, %s",
                    objective,
                    Arrays.toString(shape),
                    parameters / 1e6,
                    tokensPerSecond,
                    objective.equals("psft") ? "mean" : "median",
                    milliseconds,
                    best,
                    worst,
                    peakMemory,
                    kernels);
        }
    }

    /** Prints one line of figures. */
    public static void main(String[] args) throws IOException {
        Arguments arguments = new Arguments(args, "shape", "objective", "steps");
        int[] shape = arguments.get("shape", Bench::shape, new int[] {16, 128, 256, 4, 4, 4, 683, 8192});
        boolean psft = arguments.get("objective", Bench::isPsft, false);
        int steps = arguments.get("steps", Integer::parseInt, 24);
        System.out.println(measure(shape, psft, steps));
    }

    /** Trains a fresh model on random tokens and measures the steps after the first few. */
    public static Result measure(int[] shape, boolean psft, int steps) throws IOException {
        DecoderConfig config = DecoderConfig.builder()
                .hiddenSize(shape[2])
                .heads(shape[3])
                .kvHeads(shape[4])
                .layers(shape[5])
                .intermediateSize(shape[6])
                .vocabSize(shape[7])
                .maxPositions(shape[1])
                .build();
        CausalLm model = CausalLm.create(config, null, 1);
        int batch = shape[0];
        StopWatch watch = new StopWatch();
        PsftTrainer.builder(model)
                .objective(psft ? new PsftObjective() : new SftObjective())
                .macroBatch(batch * K)
                .miniBatch(batch)
                .learningRate(1e-4)
                .warmupSteps(0)
                .maxSteps(WARM_UP + steps)
                .shuffle(false)
                .listener(watch)
                .build()
                .fit(random(batch * K, shape[1] + 1, shape[7]));

        List<Double> times = watch.milliseconds.subList(WARM_UP, watch.milliseconds.size());
        double mean = times.stream().mapToDouble(t -> t).average().orElseThrow();
        List<Double> sorted = new ArrayList<>(times);
        Collections.sort(sorted);
        double cost = psft ? mean : sorted.get(sorted.size() / 2);
        return new Result(
                psft ? "psft" : "sft",
                shape,
                config.parameters(),
                batch * shape[1] / cost * 1e3,
                cost,
                sorted.get(0),
                sorted.get(sorted.size() - 1),
                peakMemory(),
                TensorOpsFactory.forType(DataType.FLOAT).name());
    }

    /** Reads {@code B,T,D,H,KV,L,F,V}. */
    public static int[] shape(String text) {
        int[] shape;
        try {
            shape = Arrays.stream(text.split(",")).mapToInt(Integer::parseInt).toArray();
        } catch (NumberFormatException e) {
            shape = new int[0];
        }
        if (shape.length != 8 || Arrays.stream(shape).anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException("a shape is eight positive numbers B,T,D,H,KV,L,F,V, was " + text);
        }
        return shape;
    }

    /** Whether the objective is psft rather than sft. */
    public static boolean isPsft(String text) {
        if (!text.equals("sft") && !text.equals("psft")) {
            throw new IllegalArgumentException("the objective must be sft or psft, was " + text);
        }
        return text.equals("psft");
    }

    private static List<Demonstration> random(int n, int length, int vocabulary) {
        Random random = new Random(1);
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            out.add(Demonstration.ofText(random.ints(length, 0, vocabulary).toArray()));
        }
        return out;
    }

    /** Highest resident memory as Linux counts it. */
    private static String peakMemory() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return "unknown on this system";
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .map(line -> line.substring(6).strip())
                .findFirst()
                .orElse("unknown");
    }

    /** Time from one step's end to the next. */
    private static final class StopWatch implements TrainerListener {
        private final List<Double> milliseconds = new ArrayList<>();
        private long last;

        @Override
        public void onStart(TrainingPlan plan) {
            last = System.nanoTime();
        }

        @Override
        public void onStep(StepMetrics metrics) {
            long now = System.nanoTime();
            milliseconds.add((now - last) / 1e6);
            last = now;
        }
    }
}
