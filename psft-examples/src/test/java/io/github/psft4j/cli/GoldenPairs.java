package io.github.psft4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The pairs of a folder of golden files: as sequences, and as a data file with a model that reads it. */
record GoldenPairs(Path folder, JsonNode parameters, List<Demonstration> sequences) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** System property {@code psft.golden.rl} names another folder. */
    static GoldenPairs read() throws IOException {
        Path folder = Path.of(System.getProperty("psft.golden.rl", "../psft-core/src/test/resources/golden-rl"));
        JsonNode parameters = JSON.readTree(folder.resolve("dpo.json").toFile());
        try (SafetensorsReader golden = SafetensorsReader.open(folder.resolve("dpo.safetensors"))) {
            int[] ids = golden.readInts("input_ids"); // [rows, T]
            int[] attention = golden.readInts("attention_mask"); // [rows, T]
            float[] mask = golden.readFloats("loss_mask"); // [rows, T]
            int time = (int) golden.info("input_ids").shape()[1];
            List<Demonstration> sequences = new ArrayList<>();
            for (int from = 0; from < ids.length; from += time) {
                int length = Arrays.stream(attention, from, from + time).sum();
                boolean[] trained = new boolean[length];
                for (int t = 0; t < length; t++) {
                    trained[t] = mask[from + t] == 1;
                }
                sequences.add(new Demonstration(Arrays.copyOfRange(ids, from, from + length), trained));
            }
            return new GoldenPairs(folder, parameters, sequences);
        }
    }

    /**
     * The same with the pairs of so many steps one after the other: step k takes the pairs from k times batch on, and
     * begins again where the data end, also within a step.
     */
    GoldenPairs unrolled(int steps) {
        int perStep = 2 * parameters.get("batch").intValue();
        return new GoldenPairs(
                folder,
                parameters,
                IntStream.range(0, steps * perStep)
                        .mapToObj(i -> sequences.get(i % sequences.size()))
                        .toList());
    }

    /** Directory of the start model. */
    Path model() {
        return folder.resolve(parameters.get("model").textValue());
    }

    /** The start model with a tokenizer whose words are its ids: {@code w17} is 17. */
    Path modelWithWords(Path target, int vocabulary) throws IOException {
        Files.createDirectories(target);
        try (Stream<Path> files = Files.list(model())) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName().toString()));
            }
        }
        ObjectNode tokenizer = JSON.createObjectNode().put("version", "1.0");
        tokenizer.putArray("added_tokens");
        tokenizer.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
        ObjectNode words = tokenizer.putObject("model").put("type", "WordLevel").put("unk_token", "w0");
        ObjectNode ids = words.putObject("vocab");
        IntStream.range(0, vocabulary).forEach(id -> ids.put("w" + id, id));
        Files.writeString(target.resolve("tokenizer.json"), tokenizer.toString());
        return target;
    }

    /** Rows of prompt, chosen and rejected in these words. */
    Path rows(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < sequences.size(); i += 2) {
            Demonstration chosen = sequences.get(i);
            int start = IntStream.range(0, chosen.length())
                    .filter(t -> chosen.lossMask()[t])
                    .findFirst()
                    .orElseThrow();
            lines.add(JSON.createObjectNode()
                    .put("prompt", words(chosen, 0, start))
                    .put("chosen", " " + words(chosen, start, chosen.length()))
                    .put(
                            "rejected",
                            " "
                                    + words(
                                            sequences.get(i + 1),
                                            start,
                                            sequences.get(i + 1).length()))
                    .toString());
        }
        return Files.write(file, lines);
    }

    private static String words(Demonstration sequence, int from, int to) {
        return Arrays.stream(sequence.tokens(), from, to)
                .mapToObj(id -> "w" + id)
                .collect(Collectors.joining(" "));
    }

    static double[] numbers(JsonNode array) {
        double[] out = new double[((ArrayNode) array).size()];
        Arrays.setAll(out, i -> array.get(i).doubleValue());
        return out;
    }
}
