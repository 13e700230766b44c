package io.github.psft4j.examples;

import io.github.psft4j.bench.ProcessMemory;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.HeldOutEvaluation;
import io.github.psft4j.monitor.Listeners;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Checks whether a long run's memory grows. It trains a small model with checkpoints, every listener, evaluations and
 * sample generations. After every tenth of the steps it prints what the process holds (Linux only).
 *
 * <pre>
 * java -Xms400m -Xmx400m -XX:+AlwaysPreTouch ... MemoryGrowth --objective psft --dir DIR
 * </pre>
 *
 * <p>With a heap of fixed size that is touched at the start, resident memory grows only by what lies outside of it.
 */
@Command(
        name = "MemoryGrowth",
        description = "Prints what the process holds after every tenth of a long run (Linux only).")
public final class MemoryGrowth extends Program {

    private static final int VOCABULARY = 500;
    private static final int LONGEST = 96;
    private static final int MARKS = 10;
    private static final DecoderConfig CONFIG = DecoderConfig.builder()
            .vocabSize(VOCABULARY)
            .hiddenSize(64)
            .intermediateSize(172)
            .layers(2)
            .heads(4)
            .kvHeads(2)
            .maxPositions(LONGEST)
            .build();

    @Option(names = "--objective", paramLabel = "NAME", description = "sft or psft.")
    private String objective = "psft";

    @Option(names = "--precision", paramLabel = "NAME", description = "f32 or bf16.")
    private Precision precision = Precision.F32;

    @Option(names = "--steps", paramLabel = "N", description = "Optimizer steps.")
    private int steps = 2000;

    @Option(names = "--dir", paramLabel = "DIR", description = "Where the run writes.")
    private Path dir = Path.of("runs", "memory");

    private MemoryGrowth() {}

    /** Runs with the arguments listed by {@code --help}. */
    public static void main(String[] args) {
        new MemoryGrowth().start(args);
    }

    /** Trains and prints the table. */
    @Override
    void run() {
        int mark = Math.max(1, steps / MARKS);
        CausalLm model = CausalLm.create(CONFIG, null, 1);
        HeldOutEvaluation evaluation = new HeldOutEvaluation(
                        model, demonstrations(2, 16), Math.max(1, mark / 4), dir.resolve("eval.jsonl"))
                .samples(List.of(new int[] {1, 2}, new int[] {3}), GenerationConfig.greedy(24));
        System.out.println("step | VmRSS, MB | heap after GC, MB | other JVM memory, MB | JavaCPP, MB");
        PsftTrainer.builder(model)
                .objective(objective.equals("sft") ? new SftObjective() : new PsftObjective())
                .macroBatch(32)
                .miniBatch(4)
                .microBatch(2)
                .packing(LONGEST)
                .learningRate(1e-4)
                .precision(precision)
                .maxSteps(steps)
                .checkpoints(CheckpointPolicy.every(Math.max(1, mark / 4), dir))
                .listeners(Listeners.defaults(dir, null, evaluation))
                .listener(new Marks(mark))
                .build()
                .fit(demonstrations(1, 400));
    }

    private static List<Demonstration> demonstrations(long seed, int n) {
        Random random = new Random(seed);
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int[] prompt = random.ints(1 + random.nextInt(8), 0, VOCABULARY).toArray();
            int[] completion =
                    random.ints(1 + random.nextInt(LONGEST - 10), 0, VOCABULARY).toArray();
            out.add(Demonstration.of(prompt, completion));
        }
        return out;
    }

    /** Prints a line every so many steps. */
    private record Marks(int every) implements TrainerListener {
        @Override
        public void onStep(StepMetrics metrics) {
            if (metrics.step() % every == 0) {
                System.gc(); // the collector also frees the arrays of ND4J that nobody holds any more
                System.out.printf(
                        Locale.ROOT,
                        "%d | %.1f | %.1f | %.1f | %.1f%n",
                        metrics.step(),
                        ProcessMemory.kilobytes("VmRSS").orElseThrow() / 1024.0,
                        heapMegabytes(),
                        otherMegabytes(),
                        Pointer.totalBytes() / 1048576.0);
            }
        }

        private static double heapMegabytes() {
            return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1048576.0;
        }

        /** Classes, compiled code and the like. */
        private static double otherMegabytes() {
            long sum = 0;
            for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
                if (pool.getType() == MemoryType.NON_HEAP) {
                    sum += pool.getUsage().getCommitted();
                }
            }
            return sum / 1048576.0;
        }
    }
}
