package io.github.psft4j.hf.peft;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.hf.ModelFile;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.Shown;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The file {@code adapter_config.json} of PEFT (0.21.2). A file that was read is written with the fields that it had.
 */
public final class AdapterConfig {

    /** Name of the file. */
    public static final String FILE = "adapter_config.json";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BASE = "base_model_name_or_path";

    private final Path file; // null for a new one
    private final ObjectNode root;
    private final LoraConfig lora;

    private AdapterConfig(Path file, ObjectNode root, LoraConfig lora) {
        this.file = file;
        this.root = root;
        this.lora = lora;
    }

    /**
     * Reads the file of an adapter directory.
     *
     * @throws ModelFormatException naming the field, if the adapter is of a kind that is not read
     */
    public static AdapterConfig read(Path dir) {
        Path file = dir.resolve(FILE);
        JsonNode node = ModelFile.json(file, ModelFile.bytes(file, ModelFile.SMALL));
        if (!(node instanceof ObjectNode object)) {
            throw ModelFormatException.of(file, "must hold a JSON object; fetch or export it again");
        }
        return new AdapterConfig(file, object, new Reader(file, object).lora());
    }

    /**
     * The file of a new adapter.
     *
     * @param base path of the model that it is trained on
     * @param transposed whether the model stores linear weights {@code [in, out]}
     */
    public static AdapterConfig of(LoraConfig lora, String base, boolean transposed) {
        return new AdapterConfig(null, AdapterFields.write(lora, base, transposed), lora);
    }

    /** The settings. */
    public LoraConfig lora() {
        return lora;
    }

    /** Path or name of the base model, empty if the file has none. */
    public String base() {
        return root.path(BASE).asText("");
    }

    /** The same adapter on a base at another path. */
    public AdapterConfig withBase(String base) {
        return new AdapterConfig(file, root.deepCopy().put(BASE, base), lora);
    }

    /** Writes the file as Python's json module does with indent 2 and sorted keys. */
    public void write(Path dir) {
        try {
            DefaultPrettyPrinter printer = new DefaultPrettyPrinter(Separators.createDefaultInstance()
                            .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                            .withObjectEmptySeparator("")
                            .withArrayEmptySeparator(""))
                    .withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n"))
                    .withObjectIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n"));
            Map<String, JsonNode> sorted = new TreeMap<>();
            root.fields().forEachRemaining(field -> sorted.put(field.getKey(), field.getValue()));
            ObjectNode out = JSON.createObjectNode();
            sorted.forEach(out::set);
            AtomicFile.write(
                    dir.resolve(FILE),
                    JSON.writer(printer).writeValueAsString(out).getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree can be written", e);
        }
    }

    /** Reads the fields of one file. */
    private record Reader(Path file, ObjectNode root) {

        LoraConfig lora() {
            String kind = root.path("peft_type").asText("");
            if (!kind.equals("LORA")) {
                throw refuse(
                        "peft_type",
                        "adapters of type LORA are read; merge this one with PEFT first"
                                + " (merge_and_unload) and give the merged model");
            }
            refuseOtherKinds();
            try {
                ModuleRules rules = new ModuleRules(
                        names("target_modules"), names("exclude_modules"), integers("layers_to_transform"), layers());
                int r = root.path("r").asInt(8);
                return new LoraConfig(
                        r,
                        root.path("lora_alpha").asDouble(8),
                        root.path("lora_dropout").asDouble(0),
                        root.path("use_rslora").asBoolean(false),
                        rules,
                        patterns("rank_pattern", JsonNode::asInt),
                        patterns("alpha_pattern", JsonNode::asDouble),
                        LoraBias.of(root.path("bias").asText("none")).orElse(LoraBias.NONE),
                        root.path("lora_bias").asBoolean(false),
                        texts("modules_to_save"));
            } catch (IllegalArgumentException e) {
                throw ModelFormatException.of(file, e.getMessage(), e);
            }
        }

        private void refuseOtherKinds() {
            TreeSet<String> unknown = new TreeSet<>();
            root.fields().forEachRemaining(field -> {
                if (AdapterFields.changes(field.getKey(), field.getValue())) {
                    unknown.add(field.getKey() + " = " + Shown.wide(field.getValue()));
                }
            });
            if (!unknown.isEmpty()) {
                throw ModelFormatException.of(
                        file,
                        "asks for what is not supported here: " + String.join(", ", unknown)
                                + "; merge the adapter with PEFT first (merge_and_unload) and give the merged model");
            }
        }

        private ModuleNames names(String field) {
            JsonNode node = root.path(field);
            return node.isTextual() ? ModuleNames.of(node.asText()) : ModuleNames.of(texts(field));
        }

        private List<String> layers() {
            JsonNode node = root.path("layers_pattern");
            return node.isTextual() ? List.of(node.asText()) : texts("layers_pattern");
        }

        private List<Integer> integers(String field) {
            JsonNode node = root.path(field);
            if (node.isInt()) {
                return List.of(node.asInt());
            }
            List<Integer> values = new ArrayList<>();
            node.forEach(value -> values.add(value.asInt()));
            return values;
        }

        private List<String> texts(String field) {
            List<String> values = new ArrayList<>();
            for (JsonNode value : root.path(field)) {
                if (!value.isTextual()) {
                    throw refuse(field, "must be a list of names");
                }
                values.add(value.asText());
            }
            return values;
        }

        private <T> Map<String, T> patterns(String field, Function<JsonNode, T> value) {
            Map<String, T> values = new LinkedHashMap<>();
            root.path(field).fields().forEachRemaining(e -> values.put(e.getKey(), value.apply(e.getValue())));
            return values;
        }

        private ModelFormatException refuse(String field, String rule) {
            return ModelFormatException.of(file, field + " = " + Shown.wide(root.path(field)) + ": " + rule);
        }
    }
}
