package io.github.psft4j.cli.model;

import io.github.psft4j.bench.BenchWords;
import io.github.psft4j.cli.console.Json;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationResult;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Continues one prompt. */
final class GenerateRun {

    private GenerateRun() {}

    /** The text to print. */
    static String run(
            ModelFiles files,
            String dtype,
            String text,
            boolean chat,
            List<Integer> ids,
            SamplingOptions sampling,
            boolean idsOnly,
            boolean json) {
        Set<Integer> stops = stops(sampling, text == null ? Set.of() : files.endOfSequence());
        GenerationConfig config = config(sampling, stops);
        CausalLm model = load(files, dtype, sampling);
        if (model.tokenizer() == null && (text != null || !(idsOnly || json))) {
            throw new RefusedException(files.dir() + " has no tokenizer.json: give --ids and --ids-only");
        }
        GenerationResult generation = chat ? answer(model, text, config) : continued(model, text, ids, config);
        if (idsOnly) {
            return Arrays.stream(generation.tokens()).mapToObj(String::valueOf).collect(Collectors.joining(","));
        }
        return json
                ? Json.text(described(model, generation))
                : (chat ? "" : model.tokenizer().decode(prompt(generation), true)) + generation.text();
    }

    /** The model, which computes in the precision of the options. */
    static CausalLm load(ModelFiles files, String dtype, SamplingOptions o) {
        return files.load(dtype, BenchWords.precision(o.precision));
    }

    private static GenerationResult answer(CausalLm model, String text, GenerationConfig config) {
        return model.chat(
                List.of(Map.of("role", "user", "content", text)), config, (sequence, token, logProb, part) -> true);
    }

    private static GenerationResult continued(CausalLm model, String text, List<Integer> ids, GenerationConfig config) {
        int[] prompt = text == null
                ? ids.stream().mapToInt(Integer::intValue).toArray()
                : model.tokenizer().encode(text);
        return model.generate(List.of(prompt), config).get(0);
    }

    /**
     * The options as settings of the generator.
     *
     * @throws RefusedException naming the option whose value is out of range
     */
    static GenerationConfig config(SamplingOptions o, Set<Integer> stops) {
        try {
            return GenerationConfig.builder()
                    .maxNewTokens(o.maxNewTokens)
                    .temperature(o.temperature)
                    .topK(o.topK)
                    .topP(o.topP)
                    .minP(o.minP)
                    .repetitionPenalty(o.repetitionPenalty)
                    .stopStrings(o.stopStrings.toArray(String[]::new))
                    .stopIds(stops.stream().mapToInt(Integer::intValue).toArray())
                    .seed(o.seed)
                    .lookup(o.lookup)
                    .build();
        } catch (ParameterException e) {
            throw new RefusedException(e.as(option(e.name())).getMessage(), e);
        }
    }

    private static String option(String component) {
        return switch (component) {
            case "stopStrings" -> "--stop";
            case "stopIds" -> "--stop-id";
            default -> "--" + component.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        };
    }

    /** The ids of {@code --stop-id}, or else the given ones. */
    static Set<Integer> stops(SamplingOptions o, Set<Integer> ifNone) {
        return o.stopIds.isEmpty() ? ifNone : new HashSet<>(o.stopIds);
    }

    private static int[] prompt(GenerationResult generation) {
        return Arrays.copyOf(generation.tokens(), generation.promptLength());
    }

    private static Map<String, Object> described(CausalLm model, GenerationResult g) {
        Map<String, Object> out = new LinkedHashMap<>();
        if (model.tokenizer() != null) {
            out.put("text", g.text());
        }
        out.put("finish", g.finish().name().toLowerCase(Locale.ROOT));
        out.put("ids", g.tokens());
        out.put("prompt_length", g.promptLength());
        out.put("logprobs", g.logProbs());
        out.put("entropies", g.entropies());
        out.put("proposed", g.proposed());
        out.put("accepted", g.accepted());
        return out;
    }
}
