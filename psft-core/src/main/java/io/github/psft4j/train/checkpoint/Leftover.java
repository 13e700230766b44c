package io.github.psft4j.train.checkpoint;

import io.github.psft4j.io.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A directory that is no checkpoint, or none any more. */
final class Leftover {

    private static final Logger LOG = LoggerFactory.getLogger(Leftover.class);

    private Leftover() {}

    /** A leftover costs only space; if it blocks the name of a checkpoint, writing that checkpoint fails. */
    static void remove(Path leftover) {
        try {
            Directories.delete(leftover);
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("{} cannot be removed; the next checkpoint tries again: {}", leftover, e.toString());
        }
    }
}
