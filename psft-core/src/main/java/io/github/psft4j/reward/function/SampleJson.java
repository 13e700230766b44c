package io.github.psft4j.reward.function;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.io.Shown;
import io.github.psft4j.reward.RewardSample;
import io.github.psft4j.reward.RewardValue;

/**
 * Samples and rewards as JSON, for judges outside this process.
 *
 * <p>A sample is {@code {"prompt", "completion", "tokens", "truncated", "columns"}}. A reward is a number, null for
 * "not applicable", or {@code {"reward": number or null, "note": text}}.
 */
final class SampleJson {

    static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private SampleJson() {}

    static ObjectNode of(RewardSample sample) {
        ObjectNode out = JSON.createObjectNode();
        out.set("prompt", sample.prompt());
        out.put("completion", sample.completion());
        out.put("tokens", sample.tokens());
        out.put("truncated", sample.truncated());
        ObjectNode columns = out.putObject("columns");
        sample.columns().forEach(columns::set);
        return out;
    }

    /** @throws IllegalArgumentException naming what is no reward */
    static RewardValue reward(String json) {
        try {
            return reward(JSON.readTree(json));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "the answer is not JSON: " + Shown.brief(json) + " (" + Shown.wide(JsonFault.reason(e)) + ")");
        }
    }

    /** @throws IllegalArgumentException naming what is no reward */
    static RewardValue reward(JsonNode json) {
        JsonNode value = json.isObject() ? json.get("reward") : json;
        String note = json.isObject() ? json.path("note").asText("") : "";
        if (value != null && value.isNull()) {
            return RewardValue.notApplicable(note);
        }
        if (value == null || !value.isNumber()) {
            throw new IllegalArgumentException("a reward must be a number, null or {\"reward\": number or null}, was "
                    + Shown.brief(json.isMissingNode() ? "an empty line" : json));
        }
        return RewardValue.of(value.asDouble(), note);
    }
}
