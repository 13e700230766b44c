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

    /**
     * Refuses the name of a directory where none can be made: it is a file, or lies below one.
     *
     * @param setting the option or setting that names it, for the message
     * @throws RefusedException naming the file that is in the way
     */
    public static void requirePlace(String setting, Path directory) {
        for (Path at = directory; at != null; at = at.getParent()) {
            if (Files.exists(at) && !Files.isDirectory(at)) {
                throw new RefusedException(setting + " " + directory + (at == directory ? "" : ": " + at)
                        + " is a file; give a directory");
            }
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
