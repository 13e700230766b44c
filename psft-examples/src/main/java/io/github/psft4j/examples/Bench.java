package io.github.psft4j.examples;

import io.github.psft4j.bench.BenchResult;
import io.github.psft4j.bench.BenchWords;
import io.github.psft4j.bench.GenerateBench;
import io.github.psft4j.bench.LossBench;
import io.github.psft4j.bench.TrainBench;
import io.github.psft4j.kernel.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Speed and memory:
 *
 * <pre>
 * Bench train    --shape B,T,D,H,L,V | B,T,D,H,KV,L,F,V --objective sft|psft --precision f32|bf16 --steps n
 * Bench loss     --rows n --vocab n --repeats n
 * Bench generate --model DIR --precision f32|bf16 --batch n --new-tokens n --repeats n
 * </pre>
 *
 * <p>{@code train --parts} says where the time of a step goes; {@code --json} prints one JSON object instead of a line. Threads are set by {@code -Dpsft.threads=n}. Only ratios to
 * another program measured on the same cores in the same minutes mean anything.
 */
public final class Bench {

    private Bench() {}

    /** Runs one benchmark and prints its figures. */
    public static void main(String[] args) {
        List<String> rest = new ArrayList<>(Arrays.asList(args));
        boolean json = rest.remove("--json");
        boolean parts = rest.remove("--parts");
        String benchmark = rest.isEmpty() || rest.get(0).startsWith("--") ? "train" : rest.remove(0);
        String[] options = rest.toArray(String[]::new);
        BenchResult result = switch (benchmark) {
            case "train" -> train(options, parts);
            case "loss" -> loss(options);
            case "generate" -> generate(options);
            default ->
                throw new IllegalArgumentException(
                        "there is no benchmark '" + benchmark + "'; there are train, loss and generate");
        };
        System.out.println(json ? result.toJson() : result.toText());
    }

    private static BenchResult train(String[] args, boolean parts) {
        Arguments a = new Arguments(args, "shape", "objective", "precision", "steps");
        return TrainBench.run(
                a.get("shape", s -> s, "16,128,256,4,4,8192"),
                a.get("objective", BenchWords::isPsft, false),
                a.get("precision", BenchWords::precision, Precision.F32),
                a.get("steps", Integer::parseInt, 24),
                parts);
    }

    private static BenchResult loss(String[] args) {
        Arguments a = new Arguments(args, "rows", "vocab", "repeats");
        return LossBench.run(
                a.get("rows", Integer::parseInt, 2048),
                a.get("vocab", Integer::parseInt, 8192),
                a.get("repeats", Integer::parseInt, 30));
    }

    private static BenchResult generate(String[] args) {
        Arguments a = new Arguments(args, "model", "precision", "batch", "new-tokens", "repeats");
        Path model = a.get("model", Path::of, null);
        if (model == null) {
            throw new IllegalArgumentException("generate needs --model DIR");
        }
        return GenerateBench.run(
                model,
                a.get("precision", BenchWords::precision, Precision.F32),
                a.get("batch", Integer::parseInt, 1),
                a.get("new-tokens", Integer::parseInt, 256),
                a.get("repeats", Integer::parseInt, 9));
    }
}
