package io.github.psft4j.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a directory holds. */
public final class Directories {

    private Directories() {}

    /** What lies in a directory under such a name, in the order of the names. */
    public static List<Path> named(Path directory, Pattern name) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> name.matcher(f.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        }
    }

    /** Deletes a file, or a directory with all that it holds; nothing happens where there is none. */
    public static void delete(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> inside;
        try (Stream<Path> files = Files.walk(path)) {
            inside = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : inside) {
            Files.delete(file);
        }
    }
}
