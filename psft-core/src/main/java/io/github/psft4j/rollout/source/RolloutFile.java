package io.github.psft4j.rollout.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.io.Shown;
import io.github.psft4j.rollout.Finish;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.RolloutGroup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Rollouts in a file, one JSON object per line and prompt:
 *
 * <pre>
 * {"prompt_ids": [5, 9], "completions": [{"ids": [7, 2], "finish": "end", "reward": 1.0, "log_probs": [-0.3, -1.2]}],
 *  "columns": {"answer": "42"}}
 * </pre>
 *
 * <p>{@code finish} is end, stop or length. A reward of null is one that does not apply. {@code log_probs} and
 * {@code columns} may be missing.
 */
public final class RolloutFile {

    private static final ObjectMapper JSON = new ObjectMapper();

    private RolloutFile() {}

    /**
     * All groups of a file; empty lines are passed over.
     *
     * @throws IllegalArgumentException naming file, line, field and what is wrong with it
     * @throws UncheckedIOException if the file cannot be read
     */
    public static List<RolloutGroup> read(Path file) {
        List<RolloutGroup> out = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank()) {
                    out.add(group(line, out.size(), file + ", line " + number));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read rollouts from " + file, e);
        }
        return out;
    }

    /**
     * Writes all groups at once, so that a reader never sees half of them.
     *
     * @throws UncheckedIOException if the file cannot be written
     */
    public static void write(Path file, List<RolloutGroup> groups) {
        StringBuilder text = new StringBuilder();
        groups.forEach(group -> text.append(line(group)).append('\n'));
        AtomicFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectNode line(RolloutGroup group) {
        ObjectNode out = JSON.createObjectNode();
        out.set("prompt_ids", JSON.valueToTree(group.rollouts().get(0).prompt()));
        ArrayNode completions = out.putArray("completions");
        for (int i = 0; i < group.size(); i++) {
            Rollout rollout = group.rollouts().get(i);
            ObjectNode completion = completions.addObject();
            completion.set("ids", JSON.valueToTree(rollout.completion()));
            completion.put("finish", rollout.finish().name().toLowerCase(Locale.ROOT));
            completion.put("reward", Double.isNaN(group.rewards()[i]) ? null : (Double) group.rewards()[i]);
            if (rollout.samplerLogProbs() != null) {
                completion.set("log_probs", JSON.valueToTree(rollout.samplerLogProbs()));
            }
        }
        if (!group.columns().isEmpty()) {
            ObjectNode columns = out.putObject("columns");
            new TreeMap<>(group.columns()).forEach(columns::set);
        }
        return out;
    }

    private static RolloutGroup group(String line, int prompt, String where) {
        JsonNode json = parse(line, where);
        int[] ids = ids(json.path("prompt_ids"), where + ": prompt_ids");
        JsonNode completions = json.path("completions");
        List<Rollout> rollouts = new ArrayList<>();
        double[] rewards = new double[completions.size()];
        Map<String, JsonNode> columns = new TreeMap<>();
        json.path("columns").fields().forEachRemaining(field -> columns.put(field.getKey(), field.getValue()));
        for (int i = 0; i < rewards.length; i++) {
            String place = where + ": completions[" + i + "]";
            rollouts.add(rollout(ids, completions.path(i), place));
            rewards[i] = reward(completions.path(i).path("reward"), place + ".reward");
        }
        try {
            return new RolloutGroup(prompt, columns, rollouts, rewards);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
    }

    private static Rollout rollout(int[] prompt, JsonNode completion, String where) {
        int[] ids = ids(completion.path("ids"), where + ".ids");
        Finish finish = finish(completion.path("finish"), where + ".finish");
        double[] logProbs = logProbs(completion.path("log_probs"), where + ".log_probs");
        try {
            return new Rollout(prompt, ids, finish, logProbs);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
    }

    private static JsonNode parse(String line, String where) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(where + " is not a JSON object: " + JsonFault.reason(e), e);
        }
    }

    private static int[] ids(JsonNode ids, String where) {
        check(ids.isArray() && !ids.isEmpty(), where, "a list of at least one token id", ids);
        int[] out = new int[ids.size()];
        for (int i = 0; i < out.length; i++) {
            boolean whole = ids.get(i).isIntegralNumber() && ids.get(i).canConvertToInt();
            check(whole && ids.get(i).intValue() >= 0, where, "token ids of 0 and above", ids);
            out[i] = ids.get(i).intValue();
        }
        return out;
    }

    private static Finish finish(JsonNode finish, String where) {
        boolean known = Arrays.stream(Finish.values())
                .anyMatch(f -> f.name().toLowerCase(Locale.ROOT).equals(finish.asText()));
        check(known, where, "end, stop or length", finish);
        return Finish.valueOf(finish.asText().toUpperCase(Locale.ROOT));
    }

    private static double reward(JsonNode reward, String where) {
        check(reward.isNumber() || reward.isNull(), where, "a number, or null for one that does not apply", reward);
        return reward.isNull() ? Double.NaN : reward.doubleValue();
    }

    private static double[] logProbs(JsonNode values, String where) {
        if (values.isMissingNode() || values.isNull()) {
            return null;
        }
        check(values.isArray(), where, "a list of numbers", values);
        double[] out = new double[values.size()];
        for (int i = 0; i < out.length; i++) {
            check(values.get(i).isNumber(), where, "a list of numbers", values);
            out[i] = values.get(i).doubleValue();
        }
        return out;
    }

    private static void check(boolean good, String where, String wanted, JsonNode was) {
        if (!good) {
            String found = was.isMissingNode() ? "it is missing" : "was " + Shown.brief(was);
            throw new IllegalArgumentException(where + " must be " + wanted + ", " + found);
        }
    }
}
