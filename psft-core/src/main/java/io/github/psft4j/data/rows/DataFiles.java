package io.github.psft4j.data.rows;

import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From the paths of the options to the data files, in a fixed order. */
public final class DataFiles {
    private static final Logger LOG = LoggerFactory.getLogger(DataFiles.class);

    private static final List<String> ENDINGS =
            List.of(".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz", ".parquet");

    private DataFiles() {}

    /** A path to a file gives that file, whatever its name. A directory gives the data files in it, by name. */
    public static List<Path> of(List<Path> paths) {
        List<Path> files = new ArrayList<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                files.addAll(inside(path));
            } else if (Files.isRegularFile(path)) {
                files.add(path);
            } else if (Files.exists(path)) {
                throw new DataFormatException(
                        path + ": a pipe or device; data are read more than once, save them to a" + " file first");
            } else {
                throw new DataFormatException(path + ": no such file or directory; relative paths start at "
                        + Path.of("").toAbsolutePath());
            }
        }
        files.forEach(OtherFormat::refuse);
        return files;
    }

    private static List<Path> inside(Path directory) {
        List<Path> data = new ArrayList<>();
        List<String> others = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : (Iterable<Path>) entries.sorted()::iterator) {
                if (Files.isRegularFile(entry) && isData(entry)) {
                    data.add(entry);
                } else {
                    others.add(entry.getFileName().toString());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the directory " + directory + ": " + e, e);
        }
        if (data.isEmpty()) {
            throw new DataFormatException(directory + ": no data file in this directory, but " + Shown.few(others)
                    + "; data files end in " + String.join(", ", ENDINGS) + "; name a file of another ending itself");
        }
        if (!others.isEmpty()) {
            LOG.info("{}: {} data files; not read: {}", directory, data.size(), Shown.few(others));
        }
        return data;
    }

    private static boolean isData(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return !name.startsWith(".") && ENDINGS.stream().anyMatch(name::endsWith);
    }
}
