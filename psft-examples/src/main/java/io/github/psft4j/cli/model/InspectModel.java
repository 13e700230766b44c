package io.github.psft4j.cli.model;

import io.github.psft4j.cli.console.Json;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.hf.safetensors.TensorInfo;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.Shown;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.TrainingMemory;
import io.github.psft4j.transformer.DecoderConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Describes a model directory without loading its weights. */
final class InspectModel {

    private InspectModel() {}

    static void run(Path dir, boolean withTensors, boolean json, PrintWriter out) {
        DecoderConfig config = CausalLm.readConfig(dir);
        List<TensorInfo> tensors = tensors(dir);
        Map<String, Object> all = described(dir, config, tensors);
        if (json) {
            if (withTensors) {
                Map<String, Object> shapes = new LinkedHashMap<>();
                tensors.forEach(
                        t -> shapes.put(t.name(), Map.of("dtype", t.dtype().name(), "shape", t.shape())));
                all.put("tensors", shapes);
            }
            out.println(Json.text(all));
            return;
        }
        all.forEach((name, value) -> out.printf("%-20s %s%n", name, Shown.harmless(String.valueOf(value))));
        if (withTensors) {
            out.println();
            tensors.forEach(t ->
                    out.printf("%-60s %-5s %s%n", Shown.harmless(t.name()), t.dtype(), Arrays.toString(t.shape())));
        }
    }

    private static Map<String, Object> described(Path dir, DecoderConfig config, List<TensorInfo> tensors) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("directory", dir.toString());
        out.put("parameters", config.parameters());
        out.put("layers", config.layers());
        out.put("hidden_size", config.hiddenSize());
        out.put("heads", config.heads());
        out.put("kv_heads", config.kvHeads());
        out.put("head_dim", config.headDim());
        out.put("intermediate_size", config.intermediateSize());
        out.put("vocab_size", config.vocabSize());
        out.put("max_positions", config.maxPositions());
        out.put("tied_embeddings", config.tiedEmbeddings());
        Map<String, Long> bytes = new TreeMap<>();
        tensors.forEach(t -> bytes.merge(t.dtype().name(), t.end() - t.begin(), Long::sum));
        out.put("weight_bytes", bytes);
        out.put("tensor_count", tensors.size());
        out.put("training_bytes", TrainingMemory.least(config)); // activations come on top
        try (Tokenizer tokenizer = ModelFiles.tokenizer(dir)) {
            out.put("tokenizer_tokens", tokenizer == null ? 0 : tokenizer.vocabSize());
        }
        out.put("chat_template", ModelFiles.template(dir) != null);
        out.put("eos_token_ids", ModelFiles.endOfSequence(dir));
        return out;
    }

    private static List<TensorInfo> tensors(Path dir) {
        List<TensorInfo> out = new ArrayList<>();
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file : files.filter(InspectModel::isWeights).sorted().toList()) {
                try (SafetensorsReader reader = SafetensorsReader.open(file)) {
                    reader.names().forEach(name -> out.add(reader.info(name)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + dir, e);
        }
        return out;
    }

    private static boolean isWeights(Path file) {
        return file.getFileName().toString().matches("model(-\\d{5}-of-\\d{5})?\\.safetensors");
    }
}
