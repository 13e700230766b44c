package io.github.psft4j.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.io.Shown;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.Generator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Samples of one prompt beside one sample of as many prompts: the time of reading prompts, and their memory. */
public final class SamplesBench {

    private SamplesBench() {}

    /**
     * The result.
     *
     * @param settings what was run
     * @param oneMs milliseconds until every sample of one prompt has its first token, median
     * @param severalMs the same with a prompt for each, median
     * @param oneBytes keys and values of the samples of one prompt at their end
     * @param severalBytes the same with a prompt for each
     * @param kernels kernels chosen
     */
    public record Result(
            Map<String, Object> settings,
            double oneMs,
            double severalMs,
            long oneBytes,
            long severalBytes,
            String kernels) {

        /** The result as text. */
        public String toText() {
            return Shown.format(
                    "samples %s: first tokens after %.1f ms, with a prompt each %.1f ms (%.2fx); keys and values"
                            + " %.1f MB, with a prompt each %.1f MB (%.2fx); %s",
                    settings,
                    oneMs,
                    severalMs,
                    oneMs / severalMs,
                    oneBytes / 1e6,
                    severalBytes / 1e6,
                    (double) oneBytes / severalBytes,
                    kernels);
        }

        /** The result as one JSON object. */
        public String toJson() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("benchmark", "samples");
            fields.put("settings", settings);
            fields.put("one_prompt_ms", oneMs);
            fields.put("several_prompts_ms", severalMs);
            fields.put("one_prompt_cache_bytes", oneBytes);
            fields.put("several_prompts_cache_bytes", severalBytes);
            fields.put("kernels", kernels);
            ObjectNode json = new ObjectMapper().valueToTree(fields);
            return json.toString();
        }
    }

    /**
     * Draws {@code job.batch} samples of one prompt, and one of each of so many prompts.
     *
     * @throws IllegalArgumentException if the model has not the positions for so many tokens
     */
    public static Result run(GenerateBench.Job job) {
        CausalLm lm = job.load();
        Generator generator = new Generator(lm.graph(), lm.config());
        List<int[]> prompts = job.prompts(lm);
        List<long[]> all = List.of(LongStream.range(0, job.batch()).toArray());
        List<long[]> each =
                LongStream.range(0, job.batch()).mapToObj(i -> new long[] {i}).toList();
        GenerationConfig first = GenerationConfig.sample(1, 1, 0);
        double[] one = GenerateBench.times(() -> generator.sample(prompts.subList(0, 1), all, first), job.repeats());
        double[] several = GenerateBench.times(() -> generator.sample(prompts, each, first), job.repeats());
        GenerationConfig whole = GenerationConfig.sample(job.newTokens(), 1, 0);
        generator.sample(prompts.subList(0, 1), all, whole);
        long oneBytes = generator.cacheBytes();
        generator.sample(prompts, each, whole);
        return new Result(
                job.settings(),
                BenchResult.median(one),
                BenchResult.median(several),
                oneBytes,
                generator.cacheBytes(),
                DecoderGraph.ops(lm.graph()).name());
    }
}
