package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The folders of models with what PyTorch computed. */
final class GoldenFolders {

    private GoldenFolders() {}

    /** The models of the folder that the property names; default one of psft-core's test resources. */
    static Stream<Path> in(String property, String otherwise) throws IOException {
        Path folder = Path.of(System.getProperty(property, "../psft-core/src/test/resources/" + otherwise))
                .toAbsolutePath()
                .normalize();
        try (Stream<Path> dirs = Files.list(folder)) {
            List<Path> models = dirs.filter(model -> Files.exists(model.resolve("golden.safetensors")))
                    .sorted()
                    .toList();
            assertTrue(!models.isEmpty(), "no golden models in " + folder);
            return models.stream();
        }
    }
}
