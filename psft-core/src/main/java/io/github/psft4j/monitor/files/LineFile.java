package io.github.psft4j.monitor.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * A UTF-8 text file that grows by whole lines, each on disk as soon as it is written; see {@link AppendFile} for a full
 * disk.
 */
public final class LineFile implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final AppendFile out;

    /**
     * Creates the file, or empties it; its directory is created.
     *
     * @param what what it holds, for error messages
     * @throws java.io.UncheckedIOException naming the file and the way out
     */
    public LineFile(String what, Path file) {
        this(new AppendFile(
                what, file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE));
    }

    private LineFile(AppendFile out) {
        this.out = out;
    }

    /**
     * Creates the file, or, when a run is resumed, continues it after the lines of earlier steps.
     *
     * @param stepOf optimizer step of a line, or a number above every step for a line to be removed
     * @param resumedStep last step to keep, 0 for a new run
     */
    public static LineFile of(String what, Path file, ToLongFunction<String> stepOf, int resumedStep) {
        return resumedStep == 0 ? new LineFile(what, file) : continued(what, file, stepOf, resumedStep);
    }

    /**
     * Continues the file after the lines of earlier steps. Lines of later steps, which the run will take again, and an
     * incomplete last line are removed, all at once. A file that is not there is created.
     *
     * @param stepOf optimizer step of a line, or a number above every step for a line to be removed
     * @param lastStep last step to keep
     */
    public static LineFile continued(String what, Path file, ToLongFunction<String> stepOf, int lastStep) {
        if (!Files.exists(file)) {
            return new LineFile(what, file);
        }
        String kept;
        try {
            kept = new String(Files.readAllBytes(file), StandardCharsets.UTF_8) // it may end within a character
                    .lines()
                    .filter(line -> stepOf.applyAsLong(line) <= lastStep)
                    .map(line -> line + "\n")
                    .collect(Collectors.joining());
        } catch (IOException e) {
            throw WriteFailure.of(what, file, e);
        }
        WholeFile.write(what, file, kept);
        return new LineFile(new AppendFile(what, file, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
    }

    /** {@code stepOf} for lines of JSON with a field {@code step}. */
    public static long stepOfJson(String line) {
        try {
            return JSON.readTree(line).path("step").asLong(Long.MAX_VALUE);
        } catch (JsonProcessingException e) {
            return Long.MAX_VALUE; // the line that was being written when the run was cut off
        }
    }

    /** Appends one line. */
    public void write(String line) {
        out.append((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Closes the file.
     *
     * @throws java.io.UncheckedIOException naming the file and the way out, if lines could not be written to the end
     */
    @Override
    public void close() {
        out.close();
    }
}
