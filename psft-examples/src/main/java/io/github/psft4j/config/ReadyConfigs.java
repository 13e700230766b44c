package io.github.psft4j.config;

import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.NearestName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The configurations that come with psft. */
public final class ReadyConfigs {

    private static final List<String> NAMES = List.of(
            "laptop",
            "laptop-sft",
            "lora",
            "lora-smollm2-135m",
            "lora-qwen2.5-0.5b",
            "lora-qwen2.5-1.5b",
            "grpo",
            "rloo",
            "grpo-smollm2-135m",
            "ppo",
            "psft-qwen2.5-7b",
            "psft-llama3.1-8b",
            "psft-limo",
            "sft-baseline",
            "dpo",
            "simpo",
            "orpo",
            "kto");

    private ReadyConfigs() {}

    /** Names with the first line of their comment. */
    public static Map<String, String> all() {
        return headings(NAMES, ReadyConfigs::text);
    }

    /** The first line of each file, without the sign of a comment. */
    static Map<String, String> headings(List<String> names, UnaryOperator<String> text) {
        Map<String, String> out = new LinkedHashMap<>();
        names.forEach(name ->
                out.put(name, text.apply(name).lines().findFirst().orElse("").replaceFirst("^#\\s*", "")));
        return out;
    }

    /** The YAML of a configuration. */
    static String text(String name) {
        return FileCall.resource(ReadyConfigs.class, "ready/" + name + ".yaml");
    }

    /**
     * Copies a configuration.
     *
     * @param file null for NAME.yaml in the working directory
     * @return where it is now
     * @throws IllegalArgumentException if there is no such configuration or the file exists
     */
    public static Path copy(String name, Path file) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("there is no configuration " + name + NearestName.hint(name, NAMES)
                    + "\nThere are: " + String.join(", ", NAMES));
        }
        Path target = file == null ? Path.of(name + ".yaml") : file;
        if (Files.exists(target)) {
            throw new IllegalArgumentException(target + " exists already; give another name");
        }
        Path directory = target.toAbsolutePath().getParent();
        if (directory != null && !Files.isDirectory(directory)) {
            throw new IllegalArgumentException(
                    "cannot write " + target + ": there is no directory " + directory + "; make it first");
        }
        return FileCall.get("cannot write " + target, () -> Files.writeString(target, text(name)));
    }
}
