package io.github.psft4j.eval.backend;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;

/** Requests to an endpoint of OpenAI's form. Thread-safe. */
final class OpenAiClient {

    static final ObjectMapper JSON = new ObjectMapper();

    private static final Set<Integer> BUSY = Set.of(408, 429, 500, 502, 503, 504);
    private static final Set<Integer> HOPELESS = Set.of(401, 403, 404, 405);
    private static final int MAX_ANSWER = 256 << 20;
    private static final long MAX_WAIT_MILLIS = 30_000;

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
    private final String base;
    private final String key;
    private final int retries;
    private final Duration limit;

    /**
     * @param base address up to and with {@code /v1}
     * @param key sent as {@code Authorization: Bearer}; null for none
     * @param retries further attempts while it is away or busy
     * @param limit longest time of one request
     */
    OpenAiClient(String base, String key, int retries, Duration limit) {
        this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
        this.key = key;
        this.retries = retries;
        this.limit = limit;
        if (!this.base.startsWith("http://") && !this.base.startsWith("https://")) {
            throw new RefusedException("--endpoint must be an address such as http://127.0.0.1:8080/v1, was " + base);
        }
    }

    String base() {
        return base;
    }

    /**
     * The answer to a {@code POST}.
     *
     * @throws IOException for what concerns this request
     * @throws RefusedException for what concerns all: no access, no such address
     */
    JsonNode post(String path, JsonNode body) throws IOException, InterruptedException {
        return send(
                path,
                HttpRequest.newBuilder(URI.create(base + path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString(), StandardCharsets.UTF_8)));
    }

    /** The answer to a {@code GET}; see {@link #post}. */
    JsonNode get(String path) throws IOException, InterruptedException {
        return send(path, HttpRequest.newBuilder(URI.create(base + path)).GET());
    }

    private JsonNode send(String path, HttpRequest.Builder request) throws IOException, InterruptedException {
        request.timeout(limit);
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        for (int attempt = 0; ; attempt++) {
            boolean last = attempt == retries;
            long wait = Math.min(MAX_WAIT_MILLIS, 500L << Math.min(attempt, 10));
            try {
                HttpResponse<InputStream> response =
                        client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
                try (InputStream in = response.body()) {
                    String text = new String(in.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8);
                    if (!BUSY.contains(response.statusCode()) || last) {
                        return read(path, response.statusCode(), text);
                    }
                }
                wait = response.headers()
                        .firstValue("Retry-After")
                        .filter(seconds -> seconds.matches("[0-9]{1,4}"))
                        .map(seconds -> Math.min(MAX_WAIT_MILLIS, 1000 * Long.parseLong(seconds)))
                        .orElse(wait);
            } catch (ConnectException e) {
                if (last) {
                    throw new RefusedException(
                            "nothing answers at " + base + path + " (" + e
                                    + "); start the server, or correct --endpoint",
                            e);
                }
            } catch (HttpTimeoutException e) {
                if (last) {
                    throw new IOException(base + path + " did not answer within " + limit.toSeconds() + " s", e);
                }
            } catch (IOException e) {
                if (last) {
                    throw new IOException(base + path + " broke the connection: " + e, e);
                }
            }
            Thread.sleep(wait);
        }
    }

    private JsonNode read(String path, int status, String text) throws IOException {
        String place = base + path + " answered with code " + status;
        if (HOPELESS.contains(status)) {
            throw new RefusedException(place + ": " + Shown.wide(text)
                    + "; check --endpoint (it ends in /v1), --model and the key (--api-key-variable)");
        }
        if (status != 200) {
            throw new IOException(place + ": " + Shown.wide(text));
        }
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IOException(place + ", but not with JSON: " + Shown.brief(text), e);
        }
    }
}
