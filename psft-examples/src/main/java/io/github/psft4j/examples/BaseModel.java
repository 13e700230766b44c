package io.github.psft4j.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * The pretrained base model of the skill testbed, which is part of the jar. In the repository it is the Hugging Face
 * directory {@value #DIRECTORY}; {@link PretrainSkills} makes it.
 */
final class BaseModel {

    /** The directory of the model in the repository. */
    static final String DIRECTORY = "psft-examples/src/main/resources/io/github/psft4j/examples/skills-base";

    private static final String RESOURCE = "skills-base/";

    private static final List<String> FILES =
            List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json");

    private BaseModel() {}

    /** Copies the model out of the class path into {@code directory} and returns that. */
    static Path extractTo(Path directory) throws IOException {
        Files.createDirectories(directory);
        for (String file : FILES) {
            try (InputStream in = BaseModel.class.getResourceAsStream(RESOURCE + file)) {
                if (in == null) {
                    throw new IOException("the base model's " + file + " is not on the class path: build psft-examples,"
                            + " or make the model with PretrainSkills and pass it with --model");
                }
                Files.copy(in, directory.resolve(file), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return directory;
    }
}
