package io.github.psft4j.monitor.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text of a file that may end anywhere, even within a character, because its run was aborted. */
public final class LenientText {

    private LenientText() {}

    /**
     * The UTF-8 text of a file, with U+FFFD for what is no character.
     *
     * @throws IOException if it cannot be read
     */
    public static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
