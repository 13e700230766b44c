package io.github.psft4j.train.checkpoint;

import java.nio.file.Path;
import java.util.List;

/**
 * Directories of plain files on a file system that is not this machine's, such as HDFS. Every method throws
 * {@link java.io.UncheckedIOException} naming the place and the reason if the file system refuses.
 */
public interface DirectoryStorage {

    /** Where it is, for messages. */
    String name();

    /** Names of the directories that are whole, as far as the file system renames in one step. */
    List<String> list();

    /**
     * Copies a directory of this machine under its own name. A process that dies meanwhile leaves what had the name
     * before.
     */
    void put(Path directory);

    /**
     * Copies a directory to this machine, each file flushed to the device.
     *
     * @param into is made
     */
    void get(String directory, Path into);

    /**
     * A small file of a directory.
     *
     * @return null if there is none
     */
    byte[] read(String directory, String file);

    /** Gives a directory another name, which is free. */
    void rename(String directory, String to);

    /** Removes a directory. */
    void remove(String directory);
}
