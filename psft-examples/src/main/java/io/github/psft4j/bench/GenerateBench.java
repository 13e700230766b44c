package io.github.psft4j.bench;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.GenerationModels;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Greedy generation without stop ids, from prompts of any tokens, beside the limits of the processor. */
public final class GenerateBench {

    /** Fewest repeats of the warm-up. It goes on until the JIT compiler is idle, see {@link CompilerRest}. */
    private static final int SHORTEST_WARM_UP = 6;

    /** Repeats are counted after this time in any case. */
    private static final long LONGEST_WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(60);

    private GenerateBench() {}

    /**
     * What is generated.
     *
     * @param model directory of a model
     * @param precision of the linear layers
     * @param batch sequences side by side
     * @param length tokens of a prompt
     * @param newTokens tokens per sequence; with 1 the tokens of the prompts are counted instead
     * @param repeats counted repeats
     * @param parts whether to say where the time of a repeat goes
     */
    public record Job(
            Path model, Precision precision, int batch, int length, int newTokens, int repeats, boolean parts) {

        /** @throws IllegalArgumentException if the model has not the positions for so many tokens */
        CausalLm load() {
            int longest = CausalLm.readConfig(model).longestSequence();
            if (length + newTokens > longest) {
                throw new IllegalArgumentException("length and new-tokens must be at most the model's " + longest
                        + " positions together, were " + length + " and " + newTokens);
            }
            return GenerationModels.load(model, precision);
        }

        /** A prompt of its own for every sequence; one token is the one that begins a text. */
        List<int[]> prompts(CausalLm lm) {
            int vocabulary = lm.config().vocabSize();
            return IntStream.range(0, batch)
                    .mapToObj(b -> IntStream.range(0, length)
                            .map(t -> t == 0 ? Math.max(0, lm.config().bosTokenId()) : (31 * t + b) % vocabulary)
                            .toArray())
                    .toList();
        }

        Map<String, Object> settings() {
            Map<String, Object> settings = new LinkedHashMap<>();
            settings.put("model", model.getFileName().toString());
            settings.put("precision", precision.name().toLowerCase(Locale.ROOT));
            settings.put("batch", batch);
            settings.put("length", length);
            settings.put("new_tokens", newTokens);
            return settings;
        }
    }

    /** @throws IllegalArgumentException if the model has not the positions for so many tokens */
    public static BenchResult run(Job job) {
        CausalLm lm = job.load();
        List<int[]> prompts = job.prompts(lm);
        GenerationConfig greedy = GenerationConfig.greedy(job.newTokens);
        long tokens = (long) job.batch * (job.newTokens == 1 ? job.length : job.newTokens);
        String kernels = DecoderGraph.ops(lm.graph()).name();
        TimedOps timed = new TimedOps();
        if (job.parts) {
            DecoderGraph.use(lm.graph(), timed.around(DecoderGraph.ops(lm.graph())));
        }
        Runnable repeat = () -> lm.generate(prompts, greedy);
        warmUp(repeat);
        timed.reset();
        double[] times = counted(repeat, job.repeats);
        Map<String, Double> parts = job.parts
                ? timed.perStep(job.repeats, Arrays.stream(times).average().orElseThrow(), "choice of tokens, the rest")
                : Map.of();
        BenchResult result = BenchResult.ofRepeats("generate", job.settings(), times, tokens, parts, kernels);
        MachineLimits limits = MachineLimits.measure(DecoderGraph.ops(lm.graph()));
        double seconds = result.costMilliseconds() / 1e3;
        return result.with(limits.beside(lm.config(), job.precision, job.newTokens, tokens, seconds));
    }

    /** Milliseconds of every repeat, after the warm-up. */
    static double[] times(Runnable repeat, int repeats) {
        warmUp(repeat);
        return counted(repeat, repeats);
    }

    private static double[] counted(Runnable repeat, int repeats) {
        double[] times = new double[repeats];
        for (int i = 0; i < repeats; i++) {
            long start = System.nanoTime();
            repeat.run();
            times[i] = (System.nanoTime() - start) / 1e6;
        }
        return times;
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
