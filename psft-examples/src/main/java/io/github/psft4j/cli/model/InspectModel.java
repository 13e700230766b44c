package io.github.psft4j.cli.model;

import io.github.psft4j.cli.console.Json;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.hf.peft.AdapterConfig;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.hf.peft.ModuleNames;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import io.github.psft4j.hf.safetensors.TensorInfo;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.Shown;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.train.memory.MemoryPlan;
import io.github.psft4j.transformer.config.DecoderConfig;
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

    static void run(ModelFiles files, boolean withTensors, boolean json, PrintWriter out) {
        DecoderConfig config = files.config();
        List<TensorInfo> tensors = tensors(files.dir());
        Map<String, Object> all = described(files, config, tensors);
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

    private static Map<String, Object> described(ModelFiles files, DecoderConfig config, List<TensorInfo> tensors) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("directory", files.dir().toString());
        long adapter = adapter(files, out);
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
        out.put("training_bytes", MemoryPlan.least(config, adapter)); // activations come on top
        out.put("memory_bytes", MemoryOfModel.of(config, adapter));
        try (Tokenizer tokenizer = files.tokenizer()) {
            out.put("tokenizer_tokens", tokenizer == null ? 0 : tokenizer.vocabSize());
        }
        out.put("chat_template", files.template() != null);
        out.put("eos_token_ids", files.endOfSequence());
        return out;
    }

    /** Describes an adapter; the number of its parameters, 0 for a whole model. */
    private static long adapter(ModelFiles files, Map<String, Object> out) {
        if (files.base() == null) {
            return 0;
        }
        LoraConfig lora = AdapterConfig.read(files.dir()).lora();
        long parameters = LoraModels.parameters(files.base(), lora);
        out.put("adapter", "LoRA");
        out.put("base", files.base().toString());
        out.put("adapter_parameters", parameters);
        out.put("lora_r", lora.r());
        out.put("lora_alpha", lora.alpha());
        ModuleNames target = lora.modules().target();
        out.put("target_modules", target.pattern() == null ? target.list() : target.pattern());
        return parameters;
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
        return file.getFileName()
                .toString()
                .matches("model(-\\d{5}-of-\\d{5})?\\.safetensors|adapter_model\\.safetensors");
    }
}
