package io.github.psft4j.monitor.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A UTF-8 text file that grows by whole lines, each on disk as soon as it is written. */
public final class LineFile implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LineFile.class);

    private final String what;
    private final Path file;
    private final BufferedWriter out;

    /**
     * Creates the file, or empties it; its directory is created.
     *
     * @param what what it holds, for error messages
     * @throws java.io.UncheckedIOException naming the file and the way out
     */
    public LineFile(String what, Path file) {
        this.what = what;
        this.file = file;
        WriteFailure.prepareDirectoryOf(what, file);
        try {
            out = Files.newBufferedWriter(file);
        } catch (IOException e) {
            throw WriteFailure.of(what, file, e);
        }
    }

    /**
     * Like {@link #LineFile(String, Path)}, but what an earlier part of the same run wrote stays.
     *
     * @param earlier lines of the file that belong to the run before it was resumed; the others, which were written after
     *     the checkpoint, are dropped
     */
    public LineFile(String what, Path file, Predicate<String> earlier) {
        this.what = what;
        this.file = file;
        WriteFailure.prepareDirectoryOf(what, file);
        try {
            List<String> kept = Files.exists(file)
                    ? Files.readAllLines(file).stream().filter(earlier).toList()
                    : List.of();
            Files.write(file, kept);
            out = Files.newBufferedWriter(file, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw WriteFailure.of(what, file, e);
        }
    }

    /**
     * A file of JSON objects with a {@code step}, continued after the given step; a new file for step 0.
     *
     * @param resumedStep optimizer steps that were taken before the run was resumed
     */
    public static LineFile ofSteps(String what, Path file, int resumedStep) {
        if (resumedStep == 0) {
            return new LineFile(what, file);
        }
        return new LineFile(what, file, line -> step(what, file, line) <= resumedStep);
    }

    /** The last line of a run that was killed may be torn; it is after the checkpoint. */
    private static int step(String what, Path file, String line) {
        try {
            return new ObjectMapper().readTree(line).path("step").asInt(Integer.MAX_VALUE);
        } catch (JsonProcessingException e) {
            LOG.warn("{} drops a torn line of {}: {}", what, file, line);
            return Integer.MAX_VALUE;
        }
    }

    /** Appends one line. */
    public void write(String line) {
        try {
            out.write(line);
            out.write('\n');
            out.flush();
        } catch (IOException e) {
            throw WriteFailure.of(what, file, e);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw WriteFailure.of(what, file, e);
        }
    }
}
