package io.github.psft4j.hf.text;

import io.github.psft4j.hf.ModelFile;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.RefusedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * Chat templates of common families, written for training. In them {@code {% generation %}} marks each answer with the
 * end of its turn, and no turn changes when more follows.
 */
public final class TrainingTemplates {
    private static final List<String> NAMES =
            List.of("chatml", "gemma", "llama3", "mistral", "phi3", "qwen2.5", "qwen3", "zephyr");

    private TrainingTemplates() {}

    /** @return the names, in the order of the alphabet */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * @param nameOrFile one of {@link #names()}, or a file with a Jinja template
     * @return the text of the template
     * @throws RefusedException if it is neither
     */
    public static String source(String nameOrFile) {
        try {
            if (NAMES.contains(nameOrFile)) {
                return FileCall.resource(TrainingTemplates.class, "templates/" + nameOrFile + ".jinja");
            }
            Path file = Path.of(nameOrFile);
            if (Files.isRegularFile(file)) {
                return new String(ModelFile.bytes(file, ModelFile.SMALL), StandardCharsets.UTF_8);
            }
        } catch (InvalidPathException e) {
            // refused below
        }
        throw new RefusedException("chat_template: " + nameOrFile + " is neither a file nor one of the templates that"
                + " come with psft: " + String.join(", ", NAMES));
    }
}
