package io.github.psft4j.train.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints that a run left for another branch: {@code abandoned-step-00001234}, and {@code -2}, {@code -3} if that
 * name exists. A run resumes from one only if the user names it. Only a person removes one.
 */
final class Abandoned {

    private static final Logger LOG = LoggerFactory.getLogger(Abandoned.class);
    private static final String PREFIX = "abandoned-";
    private static final String STEP = "step-";

    private Abandoned() {}

    static void setAside(Path checkpoint, String why) throws IOException {
        String free = name(
                checkpoint.getFileName().toString(),
                name -> Files.exists(checkpoint.resolveSibling(name), LinkOption.NOFOLLOW_LINKS));
        Path aside = checkpoint.resolveSibling(free);
        Files.move(checkpoint, aside, StandardCopyOption.ATOMIC_MOVE);
        LOG.warn("{} is set aside as {}: {}", checkpoint, aside.getFileName(), why);
    }

    /** The name that a checkpoint gets when it is set aside. */
    static String name(String checkpoint, Predicate<String> taken) {
        String aside = PREFIX + checkpoint.substring(checkpoint.indexOf(STEP));
        String free = aside;
        for (int i = 2; taken.test(free); i++) {
            free = aside + "-" + i;
        }
        return free;
    }
}
