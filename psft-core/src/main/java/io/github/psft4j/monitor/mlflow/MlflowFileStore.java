package io.github.psft4j.monitor.mlflow;

import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.monitor.files.WholeFile;
import io.github.psft4j.monitor.files.WriteFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * MLflow's file store, a directory usually called {@code mlruns}:
 *
 * <pre>
 * EXPERIMENT_ID/meta.yaml                 name
 * EXPERIMENT_ID/RUN_ID/meta.yaml          name, status, times
 *                     /params/KEY         value
 *                     /tags/KEY           value
 *                     /metrics/KEY        lines "milliseconds value step"
 *                     /artifacts/
 * </pre>
 */
public final class MlflowFileStore implements MlflowStore {

    private static final String NAME = "name: ";
    private static final String META = "meta.yaml";
    private static final String WHAT = "the MLflow run";

    private final Path root;
    private Path run;
    private final Map<String, Object> meta = new LinkedHashMap<>();

    /** @param root the store; created if need be */
    public MlflowFileStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    @Override
    public String start(String experiment, String runName, long startMillis, Map<String, String> params) {
        Path directory = experiment(experiment, startMillis);
        String id = UUID.randomUUID().toString().replace("-", "");
        run = directory.resolve(id);
        String user = System.getProperty("user.name");
        meta.clear();
        meta.put("artifact_uri", run.resolve("artifacts").toUri().toString());
        meta.put("end_time", null);
        meta.put("entry_point_name", "");
        meta.put("experiment_id", directory.getFileName().toString());
        meta.put("lifecycle_stage", "active");
        meta.put("run_id", id);
        meta.put("run_name", runName);
        meta.put("run_uuid", id);
        meta.put("source_name", "psft4j");
        meta.put("source_type", 4); // LOCAL
        meta.put("source_version", "");
        meta.put("start_time", startMillis);
        meta.put("status", 1); // RUNNING
        meta.put("user_id", user);
        for (String part : List.of("artifacts", "metrics", "params", "tags")) {
            WriteFailure.prepareDirectoryOf("the MLflow run", run.resolve(part).resolve("x"));
        }
        write(run.resolve(META), yaml(meta));
        write(run.resolve("tags").resolve("mlflow.runName"), runName);
        write(run.resolve("tags").resolve("mlflow.user"), user);
        params.forEach((key, value) -> write(run.resolve("params").resolve(key), value));
        return id;
    }

    private Path experiment(String name, long nowMillis) {
        String line = NAME + scalar(name);
        if (Files.isDirectory(root)) {
            try (Stream<Path> entries = Files.list(root)) {
                List<Path> metas = entries.map(entry -> entry.resolve(META))
                        .filter(Files::isRegularFile)
                        .toList();
                for (Path file : metas) {
                    List<String> lines = Files.readAllLines(file);
                    if (lines.contains(line) || lines.contains(NAME + name)) {
                        return file.getParent();
                    }
                }
            } catch (IOException e) {
                throw WriteFailure.of("the MLflow experiment " + name, root, e);
            }
        }
        // MLflow's own ids are 18 digits, too.
        String id = String.valueOf(100_000_000_000_000_000L
                + Math.floorMod(UUID.randomUUID().getMostSignificantBits(), 900_000_000_000_000_000L));
        Path directory = root.resolve(id);
        Map<String, Object> experiment = new LinkedHashMap<>();
        experiment.put("artifact_location", directory.toUri().toString());
        experiment.put("creation_time", nowMillis);
        experiment.put("experiment_id", id);
        experiment.put("last_update_time", nowMillis);
        experiment.put("lifecycle_stage", "active");
        experiment.put("name", name);
        write(directory.resolve(META), yaml(experiment));
        return directory;
    }

    @Override
    public void log(List<Metric> metrics) {
        Map<String, String> lines = metrics.stream()
                .collect(Collectors.groupingBy(
                        Metric::key,
                        LinkedHashMap::new,
                        Collectors.mapping(
                                m -> m.timestampMillis() + " " + m.value() + " " + m.step() + "\n",
                                Collectors.joining())));
        lines.forEach((key, text) -> append(run.resolve("metrics").resolve(key), text));
    }

    @Override
    public void finish(Status status, long endMillis) {
        meta.put("end_time", endMillis);
        meta.put("status", status == Status.FINISHED ? 3 : 4);
        write(run.resolve(META), yaml(meta));
    }

    private static String yaml(Map<String, Object> values) {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + scalar(entry.getValue()) + "\n")
                .collect(Collectors.joining());
    }

    private static String scalar(Object value) {
        return value instanceof String text ? "'" + text.replace("'", "''") + "'" : String.valueOf(value);
    }

    /**
     * {@code meta.yaml}, without which MLflow does not see a run, is replaced at once; the rest is written into a new
     * run.
     */
    private static void write(Path file, String text) {
        if (file.endsWith(META)) {
            WholeFile.write(WHAT, file, text);
        } else {
            append(file, text);
        }
    }

    /** All of the text or nothing of it: half a line would make the metric unreadable. */
    private static void append(Path file, String text) {
        WriteFailure.prepareDirectoryOf(WHAT, file);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            long before = channel.size();
            try {
                AtomicFile.writeFully(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            } catch (IOException e) {
                channel.truncate(before);
                throw e;
            }
        } catch (IOException e) {
            throw WriteFailure.of(WHAT, file, e);
        }
    }
}
