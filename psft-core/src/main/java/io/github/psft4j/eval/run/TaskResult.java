package io.github.psft4j.eval.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.io.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The figures of a task with all that they depend on: {@code result.json}.
 *
 * @param task its name
 * @param metrics the chief one first
 * @param counts questions, errors, truncated answers and the like
 * @param told what belongs to a figure: model, prompts, sampling, data, judge
 * @param seconds of the evaluation, without those of a run that was broken off
 */
public record TaskResult(
        String task, Map<String, Metric> metrics, Map<String, Long> counts, Map<String, String> told, double seconds) {

    /** Name of the file. */
    public static final String FILE = "result.json";

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** Writes the file. */
    void write(Path dir) {
        try {
            AtomicFile.write(
                    dir.resolve(FILE), (JSON.writeValueAsString(this) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result is plain values", e);
        }
    }

    /**
     * Reads the file of a directory.
     *
     * @throws RefusedException if there is none or it is damaged
     */
    public static TaskResult read(Path dir) {
        Path file = dir.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new RefusedException(dir + " holds no finished evaluation (no " + FILE
                    + "); give the directory of a task, as psft eval names it");
        }
        try {
            return JSON.readValue(file.toFile(), TaskResult.class);
        } catch (JsonProcessingException e) {
            throw new RefusedException(file + " is damaged: " + JsonFault.reason(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e, e);
        }
    }
}
