package io.github.psft4j.hf.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.hf.ModelFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The special tokens that {@code tokenizer_config.json} and {@code special_tokens_map.json} name. */
final class SpecialTokens {
    private SpecialTokens() {}

    /** Fields {@code *_token} of an object: text, or an object with the text in {@code content}. */
    static Map<String, String> of(JsonNode from) {
        Map<String, String> tokens = new LinkedHashMap<>();
        from.fields().forEachRemaining(field -> {
            JsonNode value = field.getValue().isObject() ? field.getValue().path("content") : field.getValue();
            if (field.getKey().endsWith("_token") && value.isTextual()) {
                tokens.put(field.getKey(), value.textValue());
            }
        });
        return tokens;
    }

    /** Reads these fields from a file's content; messages name the file. */
    static Map<String, String> of(Path file, byte[] json) {
        return of(ModelFile.json(file, json));
    }
}
