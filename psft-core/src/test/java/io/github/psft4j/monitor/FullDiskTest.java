package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.faults.FaultyFiles;
import io.github.psft4j.faults.FileOperation;
import io.github.psft4j.faults.FileOperation.Kind;
import io.github.psft4j.monitor.mlflow.MlflowFileStore;
import io.github.psft4j.monitor.mlflow.MlflowListener;
import io.github.psft4j.monitor.tensorboard.TensorBoardListener;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A disk that is full for a while costs no line of what a run records, and one that stays full tears no file. */
class FullDiskTest {

    @TempDir
    Path dir;

    /** A disk that takes nothing, or half of what it is given, while it is full. */
    private static final class Disk implements FaultyFiles.Hook {
        boolean full;
        Kind refuses = Kind.WRITE;
        int failures;

        @Override
        public void before(FileOperation operation) throws IOException {
            if (full && operation.kind() == refuses) {
                failures++;
                throw new IOException("No space left on device");
            }
        }
    }

    static Stream<Function<Path, TrainerListener>> growing() {
        return Stream.of(
                d -> new JsonlMetrics(d.resolve("metrics.jsonl")),
                d -> new CsvMetrics(d.resolve("metrics.csv")),
                TensorBoardListener::new);
    }

    private static TrainingPlan plan(int resumedStep) {
        return new TrainingPlan("psft", 9, 9, 0, 24, 100, resumedStep);
    }

    @ParameterizedTest
    @MethodSource("growing")
    void nothingIsMissingOnceThereIsSpaceAgain(Function<Path, TrainerListener> writer) throws IOException {
        List<byte[]> contents = new ArrayList<>();
        for (Kind refuses : new Kind[] {null, Kind.WRITE, Kind.WRITE_REST}) {
            Path run = dir.resolve("run-" + refuses);
            Disk disk = new Disk();
            disk.refuses = refuses;
            TrainerListener listener = writer.apply(FaultyFiles.wrap(run, disk));
            listener.onStart(plan(0));
            for (int step = 1; step <= 9; step++) {
                disk.full = step >= 4 && step <= 6;
                listener.onStep(Steps.step(step).build());
            }
            listener.close();
            assertEquals(refuses == null ? 0 : 3, disk.failures);
            contents.add(Files.readAllBytes(files(run).get(0)));
        }
        for (byte[] content : contents) {
            assertEquals(contents.get(0).length, content.length); // events carry their times
        }
        if (files(dir.resolve("run-null")).get(0).toString().contains("metrics")) {
            assertEquals(new String(contents.get(0)), new String(contents.get(1)));
            assertEquals(new String(contents.get(0)), new String(contents.get(2)));
        }
    }

    @ParameterizedTest
    @MethodSource("growing")
    void whatIsMissingAtTheEndIsAnErrorWithTheWayOut(Function<Path, TrainerListener> writer) {
        Disk disk = new Disk();
        TrainerListener listener = writer.apply(FaultyFiles.wrap(dir, disk));
        listener.onStart(plan(0));
        disk.full = true;
        listener.onStep(Steps.step(1).build());
        String message =
                assertThrows(UncheckedIOException.class, listener::close).getMessage();
        assertTrue(message.contains("No space left on device; free space on that disk or choose"), message);
    }

    @Test
    void aResumeThatFailsLosesNoMetrics() throws IOException {
        Path file = dir.resolve("metrics.jsonl");
        JsonlMetrics first = new JsonlMetrics(file);
        first.onStart(plan(0));
        for (int step = 1; step <= 7; step++) {
            first.onStep(Steps.step(step).build());
        }
        first.close();
        String before = Files.readString(file);
        eachOperationFails(
                faulty -> {
                    JsonlMetrics resumed = new JsonlMetrics(faulty.resolve("metrics.jsonl"));
                    resumed.onStart(plan(4));
                    resumed.close();
                },
                what -> {
                    String now = Files.readString(file);
                    assertTrue(before.startsWith(now) && now.lines().count() >= 4, what + ": " + now);
                    Files.writeString(file, before);
                });
    }

    @Test
    void aReportOrAnMlflowRunIsNeverTorn() throws IOException {
        for (TrainerListener listener : listenersOfWholeFiles(dir)) {
            listener.onStart(plan(0));
            listener.close();
        }
        eachOperationFails(
                faulty -> {
                    for (TrainerListener listener : listenersOfWholeFiles(faulty)) {
                        listener.onStart(plan(0));
                        listener.onStep(Steps.step(1).build());
                        listener.close();
                    }
                },
                what -> {
                    for (Path file : files(dir)) {
                        String text = Files.readString(file);
                        if (file.endsWith("clipped-tokens.json")) {
                            new ObjectMapper().readTree(text);
                        } else if (file.endsWith("meta.yaml")) {
                            assertTrue(text.contains("lifecycle_stage: 'active'\n") && text.endsWith("\n"), what);
                        } else if (file.getParent().endsWith("train")) {
                            assertTrue(text.matches("(\\d+ [-\\d.E]+ 1\n)*"), what + ": " + text);
                        }
                    }
                });
    }

    private static List<TrainerListener> listenersOfWholeFiles(Path run) {
        return List.of(
                new ClippedTokens(run.resolve("clipped-tokens.json"), null),
                new MlflowListener(new MlflowFileStore(run.resolve("mlruns")), "e", "r", Map.of()));
    }

    private interface Check {
        void after(String what) throws IOException;
    }

    /** Fails one operation after the other, for good, and looks at what is left each time. */
    private void eachOperationFails(Consumer<Path> action, Check check) throws IOException {
        boolean[] failed = {true};
        for (int n = 1; failed[0]; n++) {
            int last = n;
            int[] number = {0};
            String[] what = {""};
            failed[0] = false;
            Path faulty = FaultyFiles.wrap(dir, operation -> {
                if (++number[0] >= last && operation.kind().changes() && operation.kind() != Kind.DELETE) {
                    what[0] += operation + "; ";
                    failed[0] = true;
                    throw new IOException("No space left on device");
                }
            });
            try {
                action.accept(faulty);
            } catch (UncheckedIOException e) {
                assertTrue(failed[0] && e.getMessage().contains("No space left on device"), e.toString());
            }
            check.after(what[0]);
        }
    }

    private static List<Path> files(Path d) throws IOException {
        try (Stream<Path> files = Files.walk(d)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
