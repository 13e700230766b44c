package io.github.psft4j.serve.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.psft4j.serve.ServedModel;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/**
 * The fields that completions and chat completions have in common. Names and defaults are OpenAI's; {@code top_k},
 * {@code min_p}, {@code repetition_penalty}, {@code stop_token_ids} and {@code ignore_eos} are those of vLLM.
 */
final class SamplingFields {

    private static final int MOST_STOPS = 16;

    private final RequestBody body;
    private final ServedModel model;

    SamplingFields(RequestBody body, ServedModel model) {
        this.body = body;
        this.model = model;
    }

    /** Refuses another model's name, and what no field of either endpoint can do here. */
    void checkCommon() {
        String name = body.text("model");
        if (name != null && !name.equals(model.name())) {
            throw ApiException.noSuchModel("the model " + name + " is not served here; it is " + model.name());
        }
        body.refuse("frequency_penalty", "use repetition_penalty", DoubleNode.valueOf(0));
        body.refuse("presence_penalty", "use repetition_penalty", DoubleNode.valueOf(0));
        body.refuse("logit_bias", "no token is favoured", JsonNodeFactory.instance.objectNode());
        body.ignore("user");
    }

    /** @param mostTokens new tokens at most, at least 1 */
    GenerationConfig settings(int mostTokens) {
        double temperature = body.number("temperature", 1);
        require(temperature >= 0, "temperature", "0 (greedy) or above", temperature);
        double topP = body.number("top_p", 1);
        require(topP > 0 && topP <= 1, "top_p", "in (0, 1]", topP);
        double minP = body.number("min_p", 0);
        require(minP >= 0 && minP <= 1, "min_p", "in [0, 1]", minP);
        double penalty = body.number("repetition_penalty", 1);
        require(penalty > 0, "repetition_penalty", "above 0 (1 for none)", penalty);
        Integer topK = body.integer("top_k", -1, Integer.MAX_VALUE);
        GenerationConfig settings = GenerationConfig.builder()
                .maxNewTokens(Math.min(mostTokens, model.generator().longest()))
                .temperature(temperature)
                .topK(topK == null ? 0 : Math.max(0, topK))
                .topP(topP)
                .minP(minP)
                .lookup(model.lookup())
                .repetitionPenalty(penalty)
                .stopStrings(stops().toArray(String[]::new))
                .stopIds(stopIds().stream().mapToInt(Integer::intValue).toArray())
                .build();
        return model.withSpecialStops(settings);
    }

    private static void require(boolean ok, String name, String rule, double value) {
        if (!ok) {
            throw ApiException.badField(name, name + " must be " + rule + ", was " + value);
        }
    }

    private List<String> stops() {
        List<String> stops = new ArrayList<>();
        JsonNode value = body.get("stop");
        if (value == null) {
            return stops;
        }
        String rule = "a string, or an array of at most " + MOST_STOPS + " strings, each of at least one character";
        RequestBody.require(value.isTextual() || value.isArray() && value.size() <= MOST_STOPS, "stop", rule, value);
        for (JsonNode stop : value.isArray() ? value : List.of(value)) {
            RequestBody.require(stop.isTextual() && !stop.textValue().isEmpty(), "stop", rule, stop);
            stops.add(stop.textValue());
        }
        return stops;
    }

    private Set<Integer> stopIds() {
        Set<Integer> ids = new LinkedHashSet<>(body.flag("ignore_eos", false) ? Set.of() : model.ends());
        JsonNode value = body.get("stop_token_ids");
        if (value != null) {
            RequestBody.require(value.isArray(), "stop_token_ids", "an array of token ids", value);
            for (JsonNode id : value) {
                RequestBody.require(
                        id.isInt() && id.intValue() >= 0, "stop_token_ids", "an array of ids of 0 or above", id);
                ids.add(id.intValue());
            }
        }
        return ids;
    }

    /**
     * Seeds of the samples of every prompt. A seed of the request gives the same ones each time.
     *
     * @param most choices of a request
     */
    List<long[]> seeds(int prompts, int most) {
        Integer n = body.integer("n", 1, most);
        Long seed = body.longInteger("seed");
        int samples = n == null ? 1 : n;
        if ((long) prompts * samples > most) {
            throw ApiException.badField(
                    "n", prompts + " prompts with n = " + samples + " are more than " + most + " choices of a request");
        }
        long start = (seed == null ? ThreadLocalRandom.current().nextLong() : seed) * 0x9E3779B97F4A7C15L;
        return IntStream.range(0, prompts)
                .mapToObj(p -> IntStream.range(0, samples)
                        .mapToLong(i -> start + (long) p * samples + i)
                        .toArray())
                .toList();
    }

    boolean stream() {
        return body.flag("stream", false);
    }

    /** Whether a stream ends with the numbers of tokens. */
    boolean usage() {
        JsonNode options = body.get("stream_options");
        if (options == null) {
            return false;
        }
        String rule = "an object with include_usage";
        RequestBody.require(options.isObject(), "stream_options", rule, options);
        options.fieldNames().forEachRemaining(name -> {
            if (!name.equals("include_usage") && !name.equals("include_obfuscation")) {
                throw ApiException.badField("stream_options", "stream_options has no field " + name);
            }
        });
        JsonNode include = options.path("include_usage");
        RequestBody.require(
                include.isMissingNode() || include.isBoolean(),
                "stream_options.include_usage",
                "true or false",
                include);
        return include.booleanValue();
    }
}
