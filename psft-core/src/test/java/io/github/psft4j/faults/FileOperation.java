package io.github.psft4j.faults;

import java.nio.file.Path;

/**
 * An operation on files that is about to happen.
 *
 * @param kind what it does
 * @param path on what; the old name of a move
 * @param target new name of a move, else null
 */
public record FileOperation(Kind kind, Path path, Path target) {

    /** Kinds of operations; those that only look at names and attributes are not among them. */
    public enum Kind {
        /** A new directory. */
        CREATE_DIRECTORY,
        /** A file is opened for writing, and made if it is not there. */
        CREATE,
        /** The first half of a write. */
        WRITE,
        /** The second half of a write: stopped here, the file ends in the middle of what was to be written. */
        WRITE_REST,
        /** A file or directory is flushed to the device. */
        FORCE,
        /**
         * A file that was open for writing is closed: network file systems and quotas may report a full disk only now.
         */
        CLOSE,
        /** A new name. */
        MOVE,
        /** A file or directory is removed. */
        DELETE,
        /** A file or directory is opened for reading. */
        READ,
        /** The names in a directory are asked for. */
        LIST;

        /** Whether it changes what is on the disk. */
        public boolean changes() {
            return this != READ && this != LIST;
        }
    }

    /** Kind and names without what changes from run to run: {@code MOVE .NAME.tmp -> NAME}. */
    @Override
    public String toString() {
        return kind + " " + name(path) + (target == null ? "" : " -> " + name(target));
    }

    private static String name(Path path) {
        return path.getFileName()
                .toString()
                .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "*")
                .replaceAll("step-\\d+", "step-n");
    }
}
