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
    private final int[] picked; // index in the file of each element; null: all, in order

    /** @param temporary file to delete on {@link #close}, null for one that stays */
    DemonstrationSet(TokenFile file, boolean fromCache, Path temporary) {
        this(file, fromCache, temporary, null);
    }

    private DemonstrationSet(TokenFile file, boolean fromCache, Path temporary, int[] picked) {
        this.file = file;
        this.fromCache = fromCache;
        this.temporary = temporary;
        this.picked = picked;
    }

    /**
     * Some of these demonstrations as a set of its own, in any order, also more than once. It reads the same file, so
     * close this set after it. The report stays that of this set.
     *
     * @param indices index in this set of each element
     * @throws IndexOutOfBoundsException if an index is not in this set
     */
    public DemonstrationSet select(int[] indices) {
        int[] inFile = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            inFile[i] = at(indices[i]);
        }
        return new DemonstrationSet(file, fromCache, null, inFile);
    }

    private int at(int index) {
        Objects.checkIndex(index, size());
        return picked == null ? index : picked[index];
    }

    @Override
    public Demonstration get(int index) {
        Demonstration d = file.get(at(index));
        double weight = file.weight(at(index));
        return weight == 1 ? d : d.withWeight(weight);
    }

    @Override
    public int size() {
        return picked == null ? file.size() : picked.length;
    }

    /** Tokens of a demonstration, without making it. */
    public int length(int index) {
        return file.length(at(index));
    }

    /** The row's weight; 1 without a weight column. */
    public double weight(int index) {
        return file.weight(at(index));
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
