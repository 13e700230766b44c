package io.github.psft4j.hf;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Ids that end a text, which a model directory may have several of. */
public final class EndOfSequence {

    private static final List<String> FILES = List.of("generation_config.json", "config.json");

    private EndOfSequence() {}

    /**
     * {@code eos_token_id} of {@code generation_config.json}, or else of {@code config.json}; empty if neither names
     * one.
     *
     * @param dir directory of a Hugging Face model
     * @throws ModelFormatException if one of these files is no JSON or too large
     * @throws UncheckedIOException if it cannot be read
     */
    public static Set<Integer> ids(Path dir) {
        for (String name : FILES) {
            Path file = dir.resolve(name);
            if (Files.exists(file)) {
                Set<Integer> ids = ids(file, ModelFile.bytes(file, ModelFile.SMALL));
                if (!ids.isEmpty()) {
                    return ids;
                }
            }
        }
        return Set.of();
    }

    /**
     * The same of a file that has been read.
     *
     * @param file named in messages
     * @param json its content
     * @throws ModelFormatException if it is no JSON
     */
    public static Set<Integer> ids(Path file, byte[] json) {
        JsonNode field = ModelFile.json(file, json).path("eos_token_id");
        Set<Integer> ids = new LinkedHashSet<>();
        (field.isArray() ? field : List.of(field)).forEach(id -> {
            if (id.isInt() && id.intValue() >= 0) {
                ids.add(id.intValue());
            }
        });
        return ids;
    }
}
