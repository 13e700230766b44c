package io.github.psft4j.hf.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The fields of {@code adapter_config.json}: which are written, and which would change what an adapter computes. */
final class AdapterFields {

    /** Fields that are read. */
    private static final Set<String> READ = Set.of(
            "peft_type",
            "r",
            "lora_alpha",
            "lora_dropout",
            "use_rslora",
            "target_modules",
            "exclude_modules",
            "layers_to_transform",
            "layers_pattern",
            "rank_pattern",
            "alpha_pattern",
            "modules_to_save",
            "lora_bias",
            "base_model_name_or_path");

    /** Fields that change no output of a trained adapter. fan_in_fan_out follows from the type of the base's layers. */
    private static final Set<String> INERT = Set.of(
            "auto_mapping",
            "ensure_weight_tying",
            "eva_config",
            "fan_in_fan_out",
            "inference_mode",
            "loftq_config",
            "megatron_config",
            "megatron_core",
            "peft_version",
            "qalora_group_size",
            "revision",
            "runtime_config",
            "task_type");

    /** Initialisations that leave the base as it is. */
    private static final Set<String> PLAIN_STARTS = Set.of("true", "false", "gaussian", "orthogonal", "eva");

    private AdapterFields() {}

    /** Whether a field asks for something that is not supported. */
    static boolean changes(String field, JsonNode value) {
        if (READ.contains(field) || INERT.contains(field)) {
            return false;
        }
        return switch (field) {
            case "bias" -> !value.isNull() && LoraBias.of(value.asText()).isEmpty();
            case "init_lora_weights" -> !value.isNull() && !PLAIN_STARTS.contains(value.asText());
            default -> !isOff(value);
        };
    }

    private static boolean isOff(JsonNode value) {
        return value.isNull()
                || (value.isBoolean() && !value.asBoolean())
                || (value.isContainerNode() && value.isEmpty());
    }

    /** The fields that PEFT 0.21 writes for an adapter of this kind, sorted. */
    static ObjectNode write(LoraConfig lora, String base, boolean transposed) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("alpha_pattern", json.objectNode());
        json.putNull("auto_mapping");
        json.put("base_model_name_or_path", base);
        json.put("bias", lora.bias().word());
        names(json, "exclude_modules", lora.modules().exclude());
        json.put("fan_in_fan_out", transposed);
        json.put("inference_mode", true);
        json.put("init_lora_weights", true);
        texts(json, "layers_pattern", lora.modules().layersPattern());
        if (lora.modules().layers().isEmpty()) {
            json.putNull("layers_to_transform");
        } else {
            lora.modules().layers().forEach(json.putArray("layers_to_transform")::add);
        }
        number(json, "lora_alpha", lora.alpha());
        json.put("lora_bias", lora.loraBias());
        json.put("lora_dropout", lora.dropout());
        texts(json, "modules_to_save", lora.modulesToSave());
        json.put("peft_type", "LORA");
        json.put("r", lora.r());
        json.set("rank_pattern", json.objectNode());
        lora.rankPattern().forEach(((ObjectNode) json.get("rank_pattern"))::put);
        ObjectNode alphas = (ObjectNode) json.get("alpha_pattern");
        lora.alphaPattern().forEach((key, alpha) -> number(alphas, key, alpha));
        names(json, "target_modules", lora.modules().target());
        json.put("task_type", "CAUSAL_LM");
        json.put("use_dora", false);
        json.put("use_rslora", lora.rslora());
        return json;
    }

    /** A whole number is written as one, as PEFT does. */
    private static void number(ObjectNode json, String field, double value) {
        if (value == Math.rint(value)) {
            json.put(field, (long) value);
        } else {
            json.put(field, value);
        }
    }

    private static void names(ObjectNode json, String field, ModuleNames names) {
        if (names.pattern() != null) {
            json.put(field, names.pattern());
        } else {
            texts(json, field, names.list());
        }
    }

    private static void texts(ObjectNode json, String field, List<String> texts) {
        if (texts.isEmpty()) {
            json.putNull(field);
        } else {
            new TreeSet<>(texts).forEach(json.putArray(field)::add);
        }
    }
}
