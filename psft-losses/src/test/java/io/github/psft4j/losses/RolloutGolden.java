package io.github.psft4j.losses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.rollout.Finish;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.RolloutGroup;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.optimizer.DecayScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Rollouts, parameters and results of a folder of goldens: system property {@value #PROPERTY}, by default this
 * repository's own. Everything is read from its files, so that another set can be run.
 */
final class RolloutGolden implements AutoCloseable {

    static final String PROPERTY = "psft.golden.rl";
    private static final Path FOLDER =
            Path.of(System.getProperty(PROPERTY, "../psft-core/src/test/resources/golden-rl"));

    final JsonNode json;
    final SafetensorsReader tensors;
    private final JsonNode common; // parameters that the other file repeats in part
    private final SafetensorsReader rollouts;
    private final boolean own; // whether the file has rollouts of its own

    RolloutGolden(String name) {
        json = read(name);
        common = read("grpo");
        tensors = SafetensorsReader.open(FOLDER.resolve(name + ".safetensors"));
        own = tensors.names().contains("input_ids");
        rollouts = own ? tensors : SafetensorsReader.open(FOLDER.resolve("grpo.safetensors"));
    }

    private static JsonNode read(String name) {
        return readFile(FOLDER.resolve(name + ".json"));
    }

    private static JsonNode readFile(Path file) {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names of the entries of a part of a file. */
    static Stream<String> entries(String file, String part) {
        List<String> names = new ArrayList<>();
        for (Iterator<String> all = read(file).get(part).fieldNames(); all.hasNext(); ) {
            names.add(all.next());
        }
        return names.stream();
    }

    JsonNode parameter(String name) {
        return json.has(name) ? json.get(name) : common.get(name);
    }

    int groupsPerBatch() {
        return rowsPerBatch() / parameter("group").intValue();
    }

    int rowsPerBatch() {
        return common.get("rows_per_batch").intValue();
    }

    CausalLm model(DataType type) {
        return CausalLm.load(modelDirectory(), type);
    }

    /** The policy of an entry whose reference is another model. */
    CausalLm policy(DataType type) {
        return CausalLm.load(FOLDER.resolve(parameter("model").textValue() + "-policy"), type);
    }

    private Path modelDirectory() {
        return FOLDER.resolve(parameter("model").textValue());
    }

    /** Width of rows of tokens, T. */
    private int width() {
        return (int) rollouts.info("input_ids").shape()[1];
    }

    List<RolloutGroup> groups() {
        int[] ids = rollouts.readInts("input_ids");
        int[] attention = rollouts.readInts("attention_mask");
        double[] mask = rollouts.readDoubles("loss_mask");
        double[] rewards = rollouts.readDoubles(rollouts.names().contains("rewards") ? "rewards" : "score");
        int eos = readFile(modelDirectory().resolve("config.json"))
                .get("eos_token_id")
                .intValue();
        int size = own ? json.path("group").asInt(1) : common.get("group").intValue();
        int t = width();
        List<RolloutGroup> groups = new ArrayList<>();
        for (int from = 0; from < rewards.length; from += size) {
            List<Rollout> rows = new ArrayList<>();
            for (int row = from; row < from + size; row++) {
                int start = row * t;
                int length = Arrays.stream(attention, start, start + t).sum();
                int prompt = (int) IntStream.range(0, length)
                        .takeWhile(i -> mask[start + i] == 0)
                        .count();
                int[] completion = Arrays.copyOfRange(ids, start + prompt, start + length);
                Finish finish = completion[completion.length - 1] == eos ? Finish.END : Finish.LENGTH;
                rows.add(new Rollout(Arrays.copyOfRange(ids, start, start + prompt), completion, finish));
            }
            groups.add(new RolloutGroup(from / size, rows, Arrays.copyOfRange(rewards, from, from + size)));
        }
        return groups;
    }

    /** A per-token array {@code [rows, T - 1]} as columns of the first batch, by number. */
    Map<Integer, double[]> column(String name) {
        double[] all = tensors.readDoubles(name);
        int width = (int) tensors.info(name).shape()[1];
        Map<Integer, double[]> out = new TreeMap<>();
        List<Rollout> rows =
                groups().stream().flatMap(group -> group.rollouts().stream()).toList();
        for (int row = 0; row < all.length / width; row++) {
            int length = rows.get(row).sequence().length() - 1;
            out.put(row, Arrays.copyOfRange(all, row * width, row * width + length));
        }
        return out;
    }

    /** The objective of an entry of the GRPO family. */
    TokenObjective objective(JsonNode entry) {
        Map<String, Object> given = new TreeMap<>();
        String type = entry.get("loss_type").textValue();
        if (!type.equals("sapo")) {
            given.put("epsHigh", number(entry, "eps_high"));
        }
        if (!type.equals("sapo") && !type.equals("cispo")) {
            given.put("epsLow", number(entry, "eps_low"));
        }
        if (type.equals("dr_grpo")) {
            given.put("maxLength", parameter("max_completion_length").intValue());
        }
        given.put("beta", entry.get("beta").doubleValue());
        given.put("kl", entry.get("kl_times_ratio").booleanValue() ? "k3-ratio" : "k3");
        return ObjectiveRegistry.create(type, given);
    }

    /** A number of an entry, or of the whole file. */
    double number(JsonNode entry, String name) {
        return (entry.has(name) ? entry : common).get(name).doubleValue();
    }

    /** A trainer with an entry's optimizer, one optimizer step per pass over a batch. */
    TrainerBuilder trainer(CausalLm model, JsonNode entry) {
        JsonNode optimizer = entry.get("optimizer");
        return PsftTrainer.builder(model)
                .macroBatch(rowsPerBatch())
                .miniBatch(rowsPerBatch())
                .learningRate(optimizer.get("lr").doubleValue())
                .betas(
                        optimizer.get("betas").get(0).doubleValue(),
                        optimizer.get("betas").get(1).doubleValue())
                .adamEpsilon(optimizer.get("eps").doubleValue())
                .weightDecay(optimizer.get("weight_decay").doubleValue())
                .decayScope(
                        DecayScope.valueOf(optimizer.get("decay").textValue().toUpperCase(Locale.ROOT)))
                .maxGradNorm(optimizer.get("max_grad_norm").doubleValue())
                .warmupSteps(optimizer.get("warmup").intValue())
                .maxSteps(entry.get("steps").size());
    }

    @Override
    public void close() {
        tensors.close();
        if (!own) {
            rollouts.close();
        }
    }
}
