package io.github.psft4j.hf.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.hf.ModelFile;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.TreeSet;

/**
 * The JSON object of {@code config.json}, or one inside it, read field by field. What is read is remembered, so that
 * {@link #refuseTheRest} can name any field that asks for something else than is computed: nothing is ignored in
 * silence.
 */
public final class ConfigFile {

    /** Beyond what any model has; what is allocated by them is checked against the weights. */
    private static final int MAX_LAYERS = 10_000;

    private final Path file;
    private final String prefix;
    private final ObjectNode root;
    private final TreeSet<String> read = new TreeSet<>();

    private ConfigFile(Path file, String prefix, ObjectNode root) {
        this.file = file;
        this.prefix = prefix;
        this.root = root;
    }

    /** Reads {@code config.json} of a model directory. */
    public static ConfigFile read(Path dir) {
        Path file = dir.resolve("config.json");
        if (Files.isRegularFile(dir)) {
            throw new ModelFormatException(dir + " is a file; give the directory that holds config.json,"
                    + " model.safetensors and tokenizer.json");
        }
        try {
            if (ModelFile.json(file, ModelFile.bytes(file, ModelFile.SMALL)) instanceof ObjectNode object) {
                return new ConfigFile(file, "", object);
            }
            throw new ModelFormatException(file + " is not a JSON object");
        } catch (NoSuchFileException e) {
            throw new ModelFormatException(
                    dir
                            + " is not a model directory: config.json is missing; expected config.json, "
                            + "model.safetensors and"
                            + " tokenizer.json as transformers' save_pretrained writes them",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e, e);
        }
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

    /** Refuses a field unless it has the only value that is computed. */
    void refuseUnless(boolean supported, String field, String wanted) {
        if (!supported) {
            throw unsupported(field, "this version reads " + wanted);
        }
    }

    /**
     * Refuses every field that nothing has read, that is not known to leave the computation alone, and whose value is
     * not one of "off": null, false, 0 or empty.
     */
    void refuseTheRest() {
        root.fieldNames().forEachRemaining(field -> {
            JsonNode value = root.get(field);
            boolean off = value.isNull()
                    || value.isBoolean() && !value.booleanValue()
                    || value.isNumber() && value.doubleValue() == 0
                    || value.isTextual() && value.textValue().isEmpty()
                    || value.isContainerNode() && value.isEmpty();
            if (!off && !read.contains(field) && !(prefix.isEmpty() && IgnoredFields.contains(field))) {
                throw unsupported(
                        field, "it is unknown here and may change what the model computes; remove it if it does not");
            }
        });
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

    /** Runs the part that builds a configuration; what its validation refuses is told with the file's name. */
    <T> T build(java.util.function.Supplier<T> builder) {
        try {
            return builder.get();
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(file + ": " + e.getMessage(), e);
        }
    }
}
