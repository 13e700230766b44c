package io.github.psft4j.examples;

import io.github.psft4j.data.Demonstration;
import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import io.github.psft4j.transformer.DecoderConfig;
import io.github.psft4j.transformer.DecoderGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Speed of training steps on random tokens: {@code Bench --shape B,T,D,H,KV,L,F,V --objective sft|psft --precision f32|bf16 --steps n}, with
 * B sequences of T tokens, width D, H query and KV key/value heads, L layers, feed-forward F, vocabulary V. PSFT runs
 * with K = 8, and its time per step includes the snapshot pass. Threads are set by {@code -Dpsft.threads=n}.
 */
public final class Bench {

    private static final int K = 8;

    /** The first steps compile and load; they are not counted. */
    private static final int WARM_UP = 8;

    private Bench() {}

    /** Prints one line of figures. */
    public static void main(String[] args) throws IOException {
        Arguments arguments = new Arguments(args, "shape", "objective", "steps", "precision");
        int[] shape = arguments.get("shape", Bench::shape, new int[] {16, 128, 256, 4, 4, 4, 683, 8192});
        boolean psft = arguments.get("objective", Bench::isPsft, false);
        Precision precision = arguments.get("precision", Bench::precision, Precision.F32);
        int steps = arguments.get("steps", Integer::parseInt, 24);

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
                .precision(precision)
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
        // The snapshot pass falls on one step in eight: for PSFT only the mean tells what a step costs.
        double cost = psft ? mean : sorted.get(sorted.size() / 2);
        System.out.printf(
                Locale.ROOT,
                "%s %s: %.2f M parameters, %,.0f tokens/s (%s %.1f ms, best %.1f, worst %.1f), peak RSS %s, %s%n",
                psft ? "psft" : "sft",
                Arrays.toString(shape),
                config.parameters() / 1e6,
                batch * shape[1] / cost * 1e3,
                psft ? "mean" : "median",
                cost,
                sorted.get(0),
                sorted.get(sorted.size() - 1),
                peakMemory(),
                DecoderGraph.ops(model.graph()).name());
    }

    private static int[] shape(String text) {
        int[] shape = Arrays.stream(text.split(",")).mapToInt(Integer::parseInt).toArray();
        if (shape.length != 8) {
            throw new IllegalArgumentException("eight numbers B,T,D,H,KV,L,F,V are needed");
        }
        return shape;
    }

    private static Precision precision(String text) {
        return Precision.valueOf(text.toUpperCase(Locale.ROOT));
    }

    private static boolean isPsft(String text) {
        if (!text.equals("sft") && !text.equals("psft")) {
            throw new IllegalArgumentException("sft or psft");
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
