package io.github.psft4j.data.rows;

import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From the paths of the options to the data files, in a fixed order. */
public final class DataFiles {
    private static final Logger LOG = LoggerFactory.getLogger(DataFiles.class);

    private static final List<String> ENDINGS =
            List.of(".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".gz", ".zst");

    /** Files that describe data, as Hugging Face and LLaMA-Factory keep them beside the data. */
    private static final Set<String> DESCRIPTIONS =
            Set.of("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json");

    /** Words of the names of data that are held out, as Hugging Face's datasets reads them. */
    private static final Set<String> HELD_OUT = Set.of("""
            test testing validation valid val dev devel eval evaluation heldout holdout
            """.split("\\s+"));

    private DataFiles() {}

    /**
     * A path to a file gives that file, whatever its name. A directory gives the data files in it, by name, without
     * those of held-out data, unless it has no others.
     */
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
            } else if (isRemote(path.toString())) {
                throw new DataFormatException(path + ": a path of Hadoop, which psft train --cluster MASTER reads as"
                        + " demonstrations or pairs (docs/spark.md); copy it to a file of this machine first");
            } else {
                throw new DataFormatException(path + ": no such file or directory; relative paths start at "
                        + Path.of("").toAbsolutePath());
            }
        }
        files.forEach(OtherFormat::refuse);
        return files;
    }

    /** Whether a name is a URI, such as {@code hdfs://HOST/data.parquet}, which only a cluster reads. */
    public static boolean isRemote(String name) {
        return name.matches("[a-zA-Z][a-zA-Z0-9+.-]+:/.*"); // two letters at least: C:/ is a drive
    }

    /**
     * Files that a directory holds beside training data and that {@link #of} leaves out: test, validation, dev, eval.
     */
    public static List<Path> heldOut(List<Path> paths) {
        List<Path> out = new ArrayList<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                List<Path> all = all(path);
                all.removeAll(trained(all));
                out.addAll(all);
            }
        }
        return out;
    }

    /** Those of a directory's data files that are not held out; all if every one is. */
    public static List<Path> trained(List<Path> all) {
        List<Path> trained = all.stream().filter(file -> !isHeldOut(file)).toList();
        return trained.isEmpty() ? all : trained;
    }

    /** Whether a word of the name says so, and none says train. */
    public static boolean isHeldOut(Path file) {
        List<String> words =
                List.of(file.getFileName().toString().toLowerCase(Locale.ROOT).split("[^a-z]+"));
        return words.stream().anyMatch(HELD_OUT::contains) && !words.contains("train") && !words.contains("training");
    }

    private static List<Path> inside(Path directory) {
        return trained(all(directory));
    }

    private static List<Path> all(Path directory) {
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

    /** Whether a file in a directory is one of data, by its name. */
    public static boolean isData(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return !name.startsWith(".")
                && !DESCRIPTIONS.contains(name)
                && ENDINGS.stream().anyMatch(name::endsWith);
    }
}
