package io.github.psft4j.model;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A tool, not a test: a model of the shape of Qwen2.5-0.5B with random weights, its loading, scoring and generation.
 * Prints seconds and the peak of the resident memory.
 *
 * <pre>
 * LargeModel write DIR BF16|F32
 * LargeModel run DIR
 * </pre>
 */
final class LargeModel {

    private LargeModel() {}

    private static DecoderConfig shape() {
        return DecoderConfig.builder()
                .vocabSize(151_936)
                .hiddenSize(896)
                .intermediateSize(4864)
                .layers(24)
                .heads(14)
                .kvHeads(2)
                .maxPositions(32_768)
                .normEps(1e-6)
                .ropeTheta(1e6)
                .qkvBias(true)
                .tiedEmbeddings(true)
                .build();
    }

    public static void main(String[] args) throws IOException {
        Path dir = Path.of(args[1]);
        switch (args[0]) {
            case "write" ->
                CausalLm.create(shape(), null, 1).save(dir, DType.of(args[2]).orElseThrow(), 5_000_000_000L);
            case "run" -> run(dir);
            default -> throw new IllegalArgumentException("write or run, not " + args[0]);
        }
    }

    private static void run(Path dir) throws IOException {
        Nd4j.zeros(1).addi(1); // the backend is there
        report("JVM and backend", System.nanoTime());
        long start = System.nanoTime();
        CausalLm model = CausalLm.load(dir);
        report("load, " + model.config().parameters() * 4 / 1e6 + " MB of FLOAT", start);
        int[] tokens = new Random(1).ints(1000, 0, 151_936).toArray();
        start = System.nanoTime();
        double first = new Scorer(model, 1)
                .score(List.of(Demonstration.ofText(tokens)))
                .get(0)
                .logProbs()[0];
        report("score 1,000 tokens (first log-prob " + first + ")", start);
        start = System.nanoTime();
        int n = model.generate(List.of(new int[] {1, 2, 3, 4, 5, 6, 7, 8}), GenerationConfig.greedy(32))
                .get(0)
                .newTokens()
                .length;
        report("generate " + n + " tokens", start);
        start = System.nanoTime();
        model.generate(List.of(tokens), GenerationConfig.greedy(32));
        report("generate 32 tokens after a prompt of 1,000", start);
    }

    private static void report(String what, long start) throws IOException {
        double seconds = (System.nanoTime() - start) / 1e9;
        String peak = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .findFirst()
                .orElseThrow();
        System.out.printf("%s: %.2f s, %s%n", what, seconds, peak.replaceAll("\\s+", " "));
    }
}
