package io.github.psft4j.reward.function;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.io.Shown;
import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardSample;
import io.github.psft4j.reward.RewardSettings;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A judge behind HTTP. A batch is one {@code POST} of {@code {"samples": [...]}}; the answer is {@code {"rewards":
 * [...]}}, as many as samples, each a number, null for "not applicable", or {@code {"reward", "note"}}.
 *
 * @param url address, {@code http} or {@code https}
 * @param keyVariable environment variable whose value is sent as {@code Authorization: Bearer}; empty for none
 * @param retries further attempts after a failed connection and the codes 429, 502, 503 and 504, &gt;= 0
 */
@Doc("A judge behind HTTP that gets a batch of samples as JSON and returns their rewards.")
public record HttpReward(
        @Doc("Address of the judge.") @Value String url,

        @Doc("Environment variable with the key to send; empty for none.") @Value(initial = "")
        String keyVariable,

        @Doc("Further attempts when the judge is away or busy.") @Value(initial = "2", range = ">= 0")
        int retries)
        implements RewardSettings {

    private static final int MAX_ANSWER = 64 << 20;
    private static final long MILLIS_BETWEEN = 500;

    /** Refuses what is no address. */
    public HttpReward {
        Setting.check(HttpReward.class, url, keyVariable, retries);
        ParameterException.check(
                url.startsWith("http://") || url.startsWith("https://"),
                "url",
                "must begin with http:// or https://",
                url);
    }

    @Override
    public RewardFunction create() {
        HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
        URI address = URI.create(url);
        String key = keyVariable.isEmpty() ? null : System.getenv(keyVariable);
        if (!keyVariable.isEmpty() && key == null) {
            throw new ParameterException(
                    "keyVariable", "must name an environment variable that is set, was " + keyVariable);
        }
        return samples -> score(client, address, key, samples);
    }

    private List<RewardValue> score(HttpClient client, URI address, String key, List<RewardSample> samples)
            throws IOException, InterruptedException {
        ObjectNode body = SampleJson.JSON.createObjectNode();
        ArrayNode list = body.putArray("samples");
        samples.forEach(s -> list.add(SampleJson.of(s)));
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString(), StandardCharsets.UTF_8));
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        for (int attempt = 0; ; attempt++) {
            boolean last = attempt == retries;
            try {
                HttpResponse<InputStream> response =
                        client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
                boolean busy = List.of(429, 502, 503, 504).contains(response.statusCode());
                try (InputStream in = response.body()) {
                    if (!busy || last) {
                        return read(response.statusCode(), in.readNBytes(MAX_ANSWER), samples.size());
                    }
                }
            } catch (java.net.ConnectException | java.net.http.HttpTimeoutException e) {
                if (last) {
                    throw new IOException("the judge at " + url + " cannot be reached: " + e, e);
                }
            }
            Thread.sleep(MILLIS_BETWEEN << Math.min(attempt, 5));
        }
    }

    private List<RewardValue> read(int status, byte[] bytes, int samples) throws IOException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (status != 200) {
            throw new IOException("the judge at " + url + " answered with code " + status + ": " + Shown.brief(text));
        }
        JsonNode rewards;
        try {
            rewards = SampleJson.JSON.readTree(text).path("rewards");
        } catch (JsonProcessingException e) {
            throw new IOException("the judge at " + url + " did not answer with JSON: " + Shown.brief(text));
        }
        if (!rewards.isArray()) {
            throw new IOException(
                    "the judge at " + url + " must answer {\"rewards\": [...]}, answered " + Shown.brief(text));
        }
        List<RewardValue> values = new ArrayList<>();
        for (JsonNode reward : rewards) {
            try {
                values.add(SampleJson.reward(reward));
            } catch (IllegalArgumentException e) {
                throw new IOException("the judge at " + url + ", sample " + values.size() + ": " + e.getMessage());
            }
        }
        return values;
    }
}
