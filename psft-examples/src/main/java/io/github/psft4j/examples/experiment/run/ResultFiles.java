package io.github.psft4j.examples.experiment.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.examples.report.AfterRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Results of runs: a file for each trial, a line of JSON for each seed. */
public final class ResultFiles {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path docs;
    private final Path directory;

    /** @param docs where the pages are; the results are in {@code experiments/results} below it */
    public ResultFiles(Path docs) {
        this.docs = docs;
        directory = docs.resolve("experiments").resolve("results");
    }

    /**
     * The runs of a trial in the order of their seeds; none if it has no file. Of two with one seed, which programs
     * that share a directory can make, the first.
     *
     * @throws IllegalArgumentException if a line of its file is damaged
     */
    public List<TrialResult> of(Trial trial) throws IOException {
        return of(trial, TrialResult.class);
    }

    /** The runs of {@code planned} in the order of their seeds, likewise. */
    public <R extends Recorded> List<R> of(Planned planned, Class<R> type) throws IOException {
        Path file = file(planned);
        Map<Long, R> results = new TreeMap<>();
        if (Files.exists(file)) {
            int number = 0;
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                R result = parsed(line, type, file, ++number);
                results.putIfAbsent(result.seed(), result);
            }
        }
        return List.copyOf(results.values());
    }

    private static <R> R parsed(String line, Class<R> type, Path file, int number) {
        try {
            return JSON.readValue(line, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "line " + number + " of " + file + " is no result: delete it, and its run is made again", e);
        }
    }

    /** The runs of AfterFineTuning, which keeps them beside its page; none if they are not there. */
    public List<AfterRun> afterFineTuning() throws IOException {
        Path file = docs.resolve("after-fine-tuning.json");
        return Files.exists(file) ? List.of(JSON.readValue(file.toFile(), AfterRun[].class)) : List.of();
    }

    /** Whether something was run with a seed. */
    public boolean has(Planned planned, long seed) throws IOException {
        return of(planned, planned.kept()).stream().anyMatch(result -> result.seed() == seed);
    }

    /** Adds a run. One write of a line, so that programs may share a directory. */
    public void add(Planned planned, Recorded result) throws IOException {
        Files.createDirectories(directory);
        byte[] line = (JSON.writeValueAsString(result) + "\n").getBytes(StandardCharsets.UTF_8);
        Files.write(file(planned), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private Path file(Planned planned) {
        return directory.resolve(planned.id() + ".jsonl");
    }
}
