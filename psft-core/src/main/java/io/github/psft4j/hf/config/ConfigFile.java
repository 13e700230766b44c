package io.github.psft4j.hf.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.hf.ForeignFiles;
import io.github.psft4j.hf.ModelFile;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.io.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JSON object of {@code config.json}, or one inside it, read field by field. It remembers which fields were read,
 * so that {@link #refuseTheRest} can name the others and refuse those that can change the computation.
 */
public final class ConfigFile {

    /** Fields in the log so far: a run reads its model more than once. */
    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    private static final Logger LOG = LoggerFactory.getLogger(ConfigFile.class);

    /** Fields that say that the numbers of the weights are codes; the last is MLX's. */
    private static final List<String> QUANTISED = List.of("quantization_config", "compression_config", "quantization");

    /** More than any model has. What is allocated by these sizes is checked against the weights. */
    private static final int MAX_LAYERS = 10_000;

    /** Names of fields in a line of the log, at most. */
    private static final int SHOWN = 20;

    private final Path file;
    private final String prefix;
    private final ObjectNode root;
    private final Set<String> read = new LinkedHashSet<>();
    private final List<String> unreadInside = new ArrayList<>();
    private List<String> passedOver = List.of();

    private ConfigFile(Path file, String prefix, ObjectNode root) {
        this.file = file;
        this.prefix = prefix;
        this.root = root;
    }

    /** Reads {@code config.json} of a model directory. */
    public static ConfigFile read(Path dir) {
        Path file = dir.resolve("config.json");
        ForeignFiles.noModel(dir).ifPresent(reason -> {
            throw new ModelFormatException(reason);
        });
        if (ModelFile.json(file, ModelFile.bytes(file, ModelFile.SMALL)) instanceof ObjectNode object) {
            return new ConfigFile(file, "", object);
        }
        throw new ModelFormatException(file + " is not a JSON object");
    }

    /** A fresh file that is not on disk yet. */
    static ConfigFile of(ObjectNode root) {
        return new ConfigFile(Path.of("config.json"), "", root);
    }

    static ObjectNode newObject() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** The file with the dtype of what is saved, as JSON text; fields that mean nothing to this library are kept. */
    public String toJson(DType dtype) {
        ObjectNode copy = root.deepCopy();
        String name = dtype == DType.BF16 ? "bfloat16" : dtype == DType.F16 ? "float16" : "float32";
        copy.put(copy.has("dtype") ? "dtype" : "torch_dtype", name);
        return copy.toPrettyString() + "\n";
    }

    /** The same file with another value of a field. */
    public ConfigFile with(String field, boolean value) {
        return new ConfigFile(file, prefix, root.deepCopy().put(field, value));
    }

    /** Whether a field is there with a value other than null. */
    boolean has(String field) {
        return root.hasNonNull(field);
    }

    /** A field as it is; a missing node if there is none. */
    JsonNode get(String field) {
        read.add(field);
        return root.path(field);
    }

    /** The object in a field. */
    ConfigFile object(String field) {
        if (get(field) instanceof ObjectNode object) {
            return new ConfigFile(file, prefix + field + ".", object);
        }
        throw mustBe(field, "an object");
    }

    /** A whole number that must be there. */
    int required(String field) {
        JsonNode node = get(field);
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw mustBe(field, "a whole number");
        }
        return node.intValue();
    }

    /** The number of layers, of which lists are made. */
    int layers(String field) {
        int layers = required(field);
        if (layers > MAX_LAYERS) {
            throw mustBe(field, "at most " + MAX_LAYERS);
        }
        return layers;
    }

    /** A whole number, with what stands for a missing field. */
    int integer(String field, int otherwise) {
        return integer(field, otherwise, otherwise);
    }

    /** A whole number, with what stands for a missing field and for null. */
    int integer(String field, int ifMissing, int ifNull) {
        JsonNode node = get(field);
        if (node.isMissingNode()) {
            return ifMissing;
        }
        return node.isNull() ? ifNull : required(field);
    }

    /** A number, with what stands for a missing field and for null. */
    double number(String field, double otherwise) {
        JsonNode node = get(field);
        return node.isMissingNode() || node.isNull() ? otherwise : requiredNumber(field);
    }

    /** A number that must be there. */
    double requiredNumber(String field) {
        JsonNode node = get(field);
        if (!node.isNumber()) {
            throw mustBe(field, "a number");
        }
        return node.doubleValue();
    }

    /** True or false, with what stands for a missing field and for null. */
    boolean flag(String field, boolean otherwise) {
        JsonNode node = get(field);
        if (!node.isMissingNode() && !node.isNull() && !node.isBoolean()) {
            throw mustBe(field, "true or false");
        }
        return node.asBoolean(otherwise);
    }

    /** A text, with what stands for a missing field and for null. */
    String text(String field, String otherwise) {
        JsonNode node = get(field);
        if (!node.isMissingNode() && !node.isNull() && !node.isTextual()) {
            throw mustBe(field, "a text");
        }
        return node.asText(otherwise);
    }

    /**
     * A token id, the first of a list of them, or -1 for null and for ids outside the vocabulary, which no model emits.
     */
    int tokenId(String field, int ifMissing, int vocabulary) {
        JsonNode node = get(field);
        if (!node.isMissingNode() && !node.isNull() && !node.isArray() && !node.isIntegralNumber()) {
            throw mustBe(field, "a token id or a list of them");
        }
        int id = (node.isArray() && !node.isEmpty() ? node.get(0) : node).asInt(node.isMissingNode() ? ifMissing : -1);
        return id < vocabulary ? id : -1;
    }

    /** Refuses weights that are quantised. */
    void refuseQuantised() {
        for (String field : QUANTISED) {
            JsonNode value = get(field);
            if (!value.isMissingNode() && !isOff(value)) {
                String method = value.path("quant_method").asText("");
                throw unsupported(
                        field,
                        "the weights are quantised" + (method.isEmpty() ? "" : " (" + Shown.wide(method) + ")")
                                + ", and removing the field would not change that. Use the checkpoint that was"
                                + " quantised. Or dequantise this one in Python where transformers can: model ="
                                + " AutoModelForCausalLM.from_pretrained(DIR); model.dequantize();"
                                + " model.save_pretrained(OUT)");
            }
        }
    }

    /** Names dropout rates that are not 0 in a warning: they are not applied. */
    void warnOfDropout(String... fields) {
        for (String field : fields) {
            double rate = number(field, 0);
            if (rate != 0 && SAID.add(file + " " + field)) {
                LOG.warn(
                        "{}: {} = {} is not applied. It has no effect in evaluation, and training runs without dropout,"
                                + " which would make the ratio to the old policy noise",
                        file,
                        field,
                        rate);
            }
        }
    }

    /** Refuses a field unless it has the only value that is computed. */
    void refuseUnless(boolean supported, String field, String wanted) {
        if (!supported) {
            throw unsupported(field, "this version reads " + wanted);
        }
    }

    /**
     * Handles the fields that nothing has read. A setting that may change the computation is refused, unless its value
     * is "off": null, false, 0 or empty. Settings that transformers does not read either are ignored and named in the
     * log.
     */
    void refuseTheRest() {
        Set<String> rest = new LinkedHashSet<>();
        root.fieldNames().forEachRemaining(rest::add);
        rest.removeAll(read);
        rest.removeIf(field -> isOff(root.get(field)) || isFullAttention(field, root.get(field)));
        refuseUnless(flag("is_causal", true), "is_causal", "true: a position sees only itself and earlier ones");
        for (String field : rest) {
            if (ArithmeticFields.contains(field)) {
                throw unsupported(field, "it can change what a model computes, and this version does not compute it");
            }
        }
        rest.removeIf(IgnoredFields::contains);
        rest.remove("is_causal");
        rest.addAll(unreadInside);
        if (rest.contains("auto_map") && SAID.add(file + " auto_map")) {
            LOG.warn(
                    "{}: auto_map names Python code of the model's own, which is not run: the model is read as"
                            + " transformers reads it without trust_remote_code",
                    file);
        }
        passedOver = List.copyOf(rest);
        String names = rest.stream().limit(SHOWN).map(Shown::brief).collect(Collectors.joining(", "));
        if (!rest.isEmpty() && SAID.add(file + " " + names)) {
            LOG.info("{}: passed over, as transformers does not read them for this architecture: {}", file, names);
        }
    }

    /** The same for an object inside a file: what was not read is named with the fields of the file. */
    void passOverTheRest(ConfigFile outer) {
        root.fields().forEachRemaining(field -> {
            if (field.getValue().isObject()) {
                throw unsupported(field.getKey(), "this version reads one setting for all layers");
            }
            if (!read.contains(field.getKey()) && !isOff(field.getValue())) {
                outer.unreadInside.add(prefix + field.getKey());
            }
        });
    }

    private static boolean isOff(JsonNode value) {
        return value.isNull()
                || value.isBoolean() && !value.booleanValue()
                || value.isNumber() && value.doubleValue() == 0
                || value.isTextual() && value.textValue().isEmpty()
                || value.isContainerNode() && value.isEmpty();
    }

    /** Attention of all layers over all positions, which newer tools write into the files of every family. */
    private static boolean isFullAttention(String field, JsonNode value) {
        if (!field.equals("layer_types") || !value.isArray()) {
            return false;
        }
        for (JsonNode type : value) {
            if (!type.asText().equals("full_attention")) {
                return false;
            }
        }
        return true;
    }

    /** Fields that {@link #refuseTheRest} ignored. */
    List<String> passedOver() {
        return passedOver;
    }

    /** An error about a field: its value and what to do. */
    ModelFormatException unsupported(String field, String instead) {
        JsonNode value = root.path(field);
        String shown = value.isMissingNode() ? "(missing)" : Shown.wide(value);
        return new ModelFormatException(
                file + ": " + prefix + Shown.wide(field) + " = " + shown + " is not supported; " + instead);
    }

    private ModelFormatException mustBe(String field, String what) {
        JsonNode node = root.path(field);
        return new ModelFormatException(file + ": " + prefix + field + " must be " + what + ", was "
                + (node.isMissingNode() ? "missing" : Shown.wide(node)));
    }

    /** Runs the part that builds a configuration. If its validation refuses a value, the message names the file. */
    <T> T build(java.util.function.Supplier<T> builder) {
        try {
            return builder.get();
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(file + ": " + e.getMessage(), e);
        }
    }
}
