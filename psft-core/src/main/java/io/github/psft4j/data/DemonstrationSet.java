package io.github.psft4j.data;

import io.github.psft4j.data.batch.Demonstration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Demonstrations in a memory-mapped file: a list of up to 2^31 - 1 elements that costs eight bytes of heap each
 * (sixteen with weights). Every {@link #get} makes a new, equal object. Thread-safe.
 */
public final class DemonstrationSet extends AbstractList<Demonstration> implements RandomAccess, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DemonstrationSet.class);

    private final TokenFile file;
    private final boolean fromCache;
    private final Path temporary;

    /** @param temporary file to delete on {@link #close}, null for one that stays */
    DemonstrationSet(TokenFile file, boolean fromCache, Path temporary) {
        this.file = file;
        this.fromCache = fromCache;
        this.temporary = temporary;
    }

    @Override
    public Demonstration get(int index) {
        Demonstration d = file.get(Objects.checkIndex(index, size()));
        double weight = file.weight(index);
        return weight == 1 ? d : d.withWeight(weight);
    }

    @Override
    public int size() {
        return file.size();
    }

    /** Tokens of a demonstration, without making it. */
    public int length(int index) {
        return file.length(Objects.checkIndex(index, size()));
    }

    /** The row's weight; 1 without a weight column. */
    public double weight(int index) {
        return file.weight(Objects.checkIndex(index, size()));
    }

    /** Whether any weight is not 1. */
    public boolean hasWeights() {
        return file.weighted();
    }

    /** Counts of the rows that were read, kept and dropped. */
    public DataReport report() {
        return file.report();
    }

    /** Whether the tokens come from an earlier run's cache. */
    public boolean fromCache() {
        return fromCache;
    }

    /** Deletes the temporary file, if there is no cache directory. The list stays readable on POSIX systems only. */
    @Override
    public void close() {
        if (temporary != null) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException e) {
                // Windows keeps mapped files; this one was marked for deletion at the end of the process when it was
                // made.
                LOG.info("the temporary file {} stays until the end of the process: {}", temporary, e.toString());
            }
        }
    }
}
