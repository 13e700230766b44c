package io.github.psft4j.hf.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.psft4j.hf.ModelFile;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The chat templates and special tokens of a model directory.
 *
 * @param templates sources by name
 * @param specialTokens {@code bos_token} and the like
 */
record ChatTemplateFiles(Map<String, String> templates, Map<String, Object> specialTokens) {
    private static final String CONFIG = SpecialTokens.CONFIG;
    private static final String SUFFIX = ".jinja";

    static final String TEMPLATE = "chat_template" + SUFFIX;
    static final String MORE_TEMPLATES = "additional_chat_templates";

    static ChatTemplateFiles read(Path dir) {
        JsonNode config = object(dir.resolve(CONFIG));
        Map<String, String> templates = fromFiles(dir);
        if (templates.isEmpty()) {
            templates = fromConfig(dir.resolve(CONFIG), config.path("chat_template"));
        }
        if (templates.isEmpty()) {
            throw ModelFormatException.of(
                    dir,
                    "has no chat template: neither " + TEMPLATE + " nor chat_template in " + CONFIG
                            + "; base models often have none: save the text of one as " + TEMPLATE
                            + " in that directory, or use ChatTemplate.of in Java");
        }
        return new ChatTemplateFiles(templates, specialTokens(dir, config));
    }

    /** Special tokens of a directory that needs no template. */
    static Map<String, Object> specialTokens(Path dir) {
        return specialTokens(dir, object(dir.resolve(CONFIG)));
    }

    private static Map<String, Object> specialTokens(Path dir, JsonNode config) {
        SpecialTokens tokens = new SpecialTokens(
                config, object(dir.resolve(SpecialTokens.MAP)), JsonNodeFactory.instance.objectNode());
        return new LinkedHashMap<>(tokens.names());
    }

    /** Whether a directory has any template. */
    static boolean exist(Path dir) {
        return !fromFiles(dir).isEmpty()
                || !fromConfig(dir.resolve(CONFIG), object(dir.resolve(CONFIG)).path("chat_template"))
                        .isEmpty();
    }

    private static JsonNode object(Path file) {
        if (!Files.isRegularFile(file)) {
            return JsonNodeFactory.instance.objectNode();
        }
        JsonNode root = ModelFile.json(file, ModelFile.bytes(file, ModelFile.SMALL));
        if (!root.isObject()) {
            throw ModelFormatException.of(file, "not a JSON object; export it again");
        }
        return root;
    }

    private static Map<String, String> fromFiles(Path dir) {
        Map<String, String> templates = new LinkedHashMap<>();
        if (Files.isRegularFile(dir.resolve(TEMPLATE))) {
            templates.put("default", text(dir.resolve(TEMPLATE)));
        }
        for (Path file : additional(dir)) {
            String name = file.getFileName().toString();
            templates.put(name.substring(0, name.length() - SUFFIX.length()), text(file));
        }
        return templates;
    }

    /** Files of the templates that have a name, in the order of their names. */
    static List<Path> additional(Path dir) {
        Path more = dir.resolve(MORE_TEMPLATES);
        if (!Files.isDirectory(more)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(more)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the directory " + more + ": " + e, e);
        }
    }

    private static String text(Path file) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(ModelFile.bytes(file, ModelFile.SMALL)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ModelFormatException.of(file, "not UTF-8 text; fetch or export it again", e);
        }
    }

    private static Map<String, String> fromConfig(Path file, JsonNode template) {
        if (template.isMissingNode() || template.isNull()) {
            return Map.of();
        }
        if (template.isTextual()) {
            return Map.of("default", template.textValue());
        }
        Map<String, String> templates = new LinkedHashMap<>();
        for (JsonNode named : template.isArray() ? template : List.<JsonNode>of()) {
            if (!named.path("name").isTextual() || !named.path("template").isTextual()) {
                throw ModelFormatException.of(
                        file, "chat_template: found " + Shown.wide(named) + " where {name, template} belongs");
            }
            templates.put(named.get("name").textValue(), named.get("template").textValue());
        }
        if (templates.isEmpty()) {
            throw ModelFormatException.of(file, "chat_template is neither text nor a list of {name, template}");
        }
        return templates;
    }
}
