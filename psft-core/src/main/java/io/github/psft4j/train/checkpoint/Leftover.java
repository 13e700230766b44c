package io.github.psft4j.train.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A directory that is no checkpoint, or none any more. */
final class Leftover {

    private static final Logger LOG = LoggerFactory.getLogger(Leftover.class);

    private Leftover() {}

    /** A leftover costs only space; if it blocks the name of a checkpoint, writing that checkpoint fails. */
    static void remove(Path leftover) {
        try {
            delete(leftover);
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("{} cannot be removed; the next checkpoint tries again: {}", leftover, e.toString());
        }
    }

    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> inside;
        try (Stream<Path> files = Files.walk(directory)) {
            inside = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : inside) {
            Files.delete(file);
        }
    }
}
