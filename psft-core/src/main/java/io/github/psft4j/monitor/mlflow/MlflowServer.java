package io.github.psft4j.monitor.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * An MLflow tracking server, by its REST interface ({@code api/2.0/mlflow}: experiments/get-by-name and create,
 * runs/create, log-batch and update).
 */
public final class MlflowServer implements MlflowStore {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** Most metrics, and most params, that the server takes in one call. */
    private static final int MAX_METRICS = 1000;

    private static final int MAX_PARAMS = 100;

    private final URI server;
    private final String authorization;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private String run;

    /**
     * A server without authentication.
     *
     * @param server such as {@code http://localhost:5000}
     */
    public MlflowServer(URI server) {
        this(server, null);
    }

    /**
     * @param server such as {@code http://localhost:5000}
     * @param authorization value of the header {@code Authorization}, such as {@code Bearer ...}; null for none
     * @throws IllegalArgumentException if the address is not http or https
     */
    public MlflowServer(URI server, String authorization) {
        if (!"http".equals(server.getScheme()) && !"https".equals(server.getScheme())) {
            throw new IllegalArgumentException(
                    "an MLflow server needs an address such as http://localhost:5000, was " + server);
        }
        this.server = server;
        this.authorization = authorization;
    }

    @Override
    public String start(String experiment, String runName, long startMillis, Map<String, String> params) {
        ObjectNode body = JSON.createObjectNode();
        body.put("experiment_id", experiment(experiment));
        body.put("run_name", runName);
        body.put("start_time", startMillis);
        ArrayNode tags = body.putArray("tags");
        tags.addObject().put("key", "mlflow.user").put("value", System.getProperty("user.name"));
        tags.addObject().put("key", "mlflow.source.name").put("value", "psft4j");
        run = post("runs/create", body).at("/run/info/run_id").asText();
        List<Map.Entry<String, String>> all = List.copyOf(params.entrySet());
        for (int from = 0; from < all.size(); from += MAX_PARAMS) {
            ObjectNode batch = JSON.createObjectNode().put("run_id", run);
            ArrayNode list = batch.putArray("params");
            all.subList(from, Math.min(all.size(), from + MAX_PARAMS))
                    .forEach(
                            param -> list.addObject().put("key", param.getKey()).put("value", param.getValue()));
            post("runs/log-batch", batch);
        }
        return run;
    }

    private String experiment(String name) {
        String query = "experiments/get-by-name?experiment_name=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
        HttpResponse<String> found = send(query, request(query).GET().build());
        if (found.statusCode() == 404) {
            return post("experiments/create", JSON.createObjectNode().put("name", name))
                    .path("experiment_id")
                    .asText();
        }
        return json(query, found).at("/experiment/experiment_id").asText();
    }

    @Override
    public void log(List<Metric> metrics) {
        for (int from = 0; from < metrics.size(); from += MAX_METRICS) {
            ObjectNode body = JSON.createObjectNode().put("run_id", run);
            ArrayNode list = body.putArray("metrics");
            for (Metric metric : metrics.subList(from, Math.min(metrics.size(), from + MAX_METRICS))) {
                list.addObject()
                        .put("key", metric.key())
                        .put("value", metric.value())
                        .put("timestamp", metric.timestampMillis())
                        .put("step", metric.step());
            }
            post("runs/log-batch", body);
        }
    }

    @Override
    public void finish(Status status, long endMillis) {
        ObjectNode body = JSON.createObjectNode();
        body.put("run_id", run);
        body.put("status", status.name());
        body.put("end_time", endMillis);
        post("runs/update", body);
    }

    private JsonNode post(String path, ObjectNode body) {
        HttpRequest request = request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        return json(path, send(path, request));
    }

    private HttpRequest.Builder request(String path) {
        String base = server.toString().replaceAll("/+$", "");
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + "/api/2.0/mlflow/" + path))
                .timeout(TIMEOUT);
        return authorization == null ? request : request.header("Authorization", authorization);
    }

    private HttpResponse<String> send(String path, HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "MLflow server " + server + " did not answer " + path + " (" + e
                            + "); check that it runs and that its address is right",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the MLflow server " + server, e);
        }
    }

    private JsonNode json(String path, HttpResponse<String> response) {
        if (response.statusCode() != 200) {
            throw new IllegalStateException("MLflow server " + server + " answered " + path + " with "
                    + response.statusCode() + ": " + response.body());
        }
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "MLflow server " + server + " answered " + path + " with what is not JSON; is it MLflow?", e);
        }
    }
}
