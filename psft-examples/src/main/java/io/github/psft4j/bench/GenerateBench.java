package io.github.psft4j.bench;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Greedy generation from a prompt of one token, without stop ids. */
public final class GenerateBench {

    /** Fewest repeats of the warm-up. It goes on until the JIT compiler is idle, see {@link CompilerRest}. */
    private static final int SHORTEST_WARM_UP = 6;

    /** Repeats are counted after this time in any case. */
    private static final long LONGEST_WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(60);

    private GenerateBench() {}

    /**
     * @param model directory of a model
     * @param precision of the linear layers
     * @param batch sequences side by side
     * @param newTokens tokens per sequence
     * @param repeats counted repeats
     * @throws IllegalArgumentException if the model has not the positions for so many tokens
     */
    public static BenchResult run(Path model, Precision precision, int batch, int newTokens, int repeats) {
        int longest = CausalLm.readConfig(model).longestSequence();
        if (newTokens >= longest) {
            throw new IllegalArgumentException("new-tokens must be below the model's " + longest
                    + " positions, one of which is the prompt's, was " + newTokens);
        }
        CausalLm lm = CausalLm.load(model);
        lm.setPrecision(precision);
        List<int[]> prompts =
                Collections.nCopies(batch, new int[] {Math.max(0, lm.config().bosTokenId())});
        double[] times = new double[repeats];
        warmUp(() -> lm.generate(prompts, GenerationConfig.greedy(newTokens)));
        for (int i = 0; i < repeats; i++) {
            long start = System.nanoTime();
            lm.generate(prompts, GenerationConfig.greedy(newTokens));
            times[i] = (System.nanoTime() - start) / 1e6;
        }
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("model", model.getFileName().toString());
        settings.put("precision", precision.name().toLowerCase(Locale.ROOT));
        settings.put("batch", batch);
        settings.put("new_tokens", newTokens);
        String kernels = DecoderGraph.ops(lm.graph()).name();
        return BenchResult.ofRepeats("generate", settings, times, (long) batch * newTokens, kernels);
    }

    private static void warmUp(Runnable repeat) {
        CompilerRest compiler = new CompilerRest();
        long start = System.nanoTime();
        int done = 0;
        boolean rests;
        do {
            repeat.run();
            done++;
            rests = compiler.reached() || System.nanoTime() - start > LONGEST_WARM_UP_NANOS;
        } while (done < SHORTEST_WARM_UP || !rests);
    }
}
