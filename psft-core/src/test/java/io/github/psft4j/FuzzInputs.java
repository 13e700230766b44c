package io.github.psft4j;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The committed inputs of a fuzz target: files named ok-* (must be accepted), bad-* (must be refused) or otherwise
 * (must be one of the two) in the folder that Jazzer reads, and beside it {@code TARGET.zip}, what fuzzing found worth
 * keeping.
 */
public final class FuzzInputs {

    /** One input. */
    public record Input(String name, byte[] bytes) {
        /** Whether the name says that it must be accepted. */
        public boolean isGood() {
            return name.startsWith("ok-");
        }

        /** Whether the name says that it must be refused. */
        public boolean isBad() {
            return name.startsWith("bad-");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private FuzzInputs() {}

    /** The files of a target's folder. */
    public static Stream<Input> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Input> inputs = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                inputs.add(new Input(file.getFileName().toString(), Files.readAllBytes(file)));
            }
            return inputs.stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What fuzzing kept. */
    public static List<Input> corpus(Path folder) throws IOException {
        List<Input> inputs = new ArrayList<>();
        try (InputStream file = Files.newInputStream(folder.resolveSibling(folder.getFileName() + ".zip"));
                ZipInputStream zip = new ZipInputStream(file)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                inputs.add(new Input(entry.getName(), zip.readAllBytes()));
            }
        }
        return inputs;
    }
}
