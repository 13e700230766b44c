package io.github.psft4j.monitor.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.io.Shown;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Rows of the table of samples: those of the first and of the last rollout of a run. The file is read line by line,
 * because that of a long run is large.
 */
final class SampleRows {

    static final List<String> HEADING =
            List.of("run", "step", "prompt", "completion", "end", "rewards", "reward", "advantage");

    /** Samples shown of a rollout. */
    private static final int MOST = 32;

    private static final ObjectMapper JSON = new ObjectMapper();

    private SampleRows() {}

    /** The rows; none if the run has no samples. */
    static List<List<String>> of(String run, Path file) {
        if (!Files.exists(file)) {
            return List.of();
        }
        List<JsonNode> first = new ArrayList<>();
        List<JsonNode> last = new ArrayList<>();
        try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                JsonNode sample = parsed(line);
                if (sample == null) {
                    break; // a run that goes on may be in the middle of its last line
                }
                if (first.isEmpty() || step(sample) == step(first.get(0))) {
                    first.add(sample);
                    continue;
                }
                if (!last.isEmpty() && step(sample) != step(last.get(0))) {
                    last.clear();
                }
                last.add(sample);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file.toAbsolutePath() + ": " + e, e);
        }
        List<List<String>> rows = new ArrayList<>();
        for (List<JsonNode> rollout : List.of(first, last)) {
            rollout.stream().limit(MOST).forEach(sample -> rows.add(row(run, sample)));
        }
        return rows;
    }

    private static JsonNode parsed(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private static int step(JsonNode sample) {
        return sample.path("step").asInt();
    }

    private static List<String> row(String run, JsonNode sample) {
        StringJoiner rewards = new StringJoiner(", ");
        for (Map.Entry<String, JsonNode> reward : sample.path("rewards").properties()) {
            rewards.add(reward.getKey() + " " + number(reward.getValue()));
        }
        return List.of(
                run,
                sample.path("step").asText(),
                text(sample.path("prompt")),
                sample.path("completion").asText(),
                sample.path("finish").asText(),
                rewards.toString(),
                number(sample.path("reward")),
                number(sample.path("advantage")));
    }

    private static String text(JsonNode prompt) {
        if (!prompt.isArray()) {
            return prompt.asText();
        }
        StringJoiner out = new StringJoiner("\n");
        for (JsonNode message : prompt) {
            out.add(message.path("role").asText() + ": "
                    + message.path("content").asText());
        }
        return out.toString();
    }

    private static String number(JsonNode value) {
        return value.isNumber() ? Shown.format("%.3g", value.asDouble()) : "none";
    }
}
