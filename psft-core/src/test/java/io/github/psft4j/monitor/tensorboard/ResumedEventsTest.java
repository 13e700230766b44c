package io.github.psft4j.monitor.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.monitor.Steps;
import io.github.psft4j.monitor.event.Evaluation;
import io.github.psft4j.train.TrainingPlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The event files of a resumed run hold every step once, so that no reader has to take anything back. */
class ResumedEventsTest {

    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_795_269_000), ZoneOffset.UTC);

    @TempDir
    Path dir;

    private void run(int resumedStep, int to) {
        TensorBoardListener listener = new TensorBoardListener(dir, CLOCK);
        listener.onStart(new TrainingPlan("psft", 9, 9, 0, 24, 100, resumedStep));
        evaluate(listener, resumedStep);
        for (int step = resumedStep + 1; step <= to; step++) {
            listener.onStep(Steps.step(step).build());
            if (step % 2 == 0) {
                evaluate(listener, step);
            }
        }
        listener.close();
    }

    private static void evaluate(TensorBoardListener listener, int step) {
        List<Evaluation.Sample> samples = List.of(new Evaluation.Sample("a", "b"));
        listener.onEvaluation(new Evaluation(step, 2, 0.7, 9, 0.1, samples));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.sorted().toList();
        }
    }

    /** Steps of a tag in the order in which a reader meets them. */
    private List<Long> steps(String tag) throws IOException {
        List<Long> out = new ArrayList<>();
        for (Path file : files()) {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            while (bytes.hasRemaining()) {
                int length = (int) bytes.getLong(bytes.position());
                ProtoEvent event = ProtoEvent.of(bytes.slice(bytes.position() + 12, length), length);
                if (event.tags().contains(tag)) {
                    out.add(event.step());
                }
                bytes.position(bytes.position() + 16 + length);
            }
        }
        return out;
    }

    private static List<Long> every(int first, int by) {
        return IntStream.iterate(first, step -> step <= 9, step -> step + by)
                .mapToObj(Long::valueOf)
                .toList();
    }

    @Test
    void eachStepOfARunThatWasResumedTwiceIsThereOnceAndInOrder() throws Exception {
        run(0, 7);
        Path first = files().get(0);
        Files.write(first, new byte[] {24, 0, 0, 0, 0, 0, 0, 0, 1}, StandardOpenOption.APPEND); // killed while it wrote
        run(6, 8);
        run(4, 9);
        assertEquals(every(1, 1), steps("train/nll"));
        assertEquals(every(0, 2), steps("eval/nll"));
        assertEquals(every(0, 2), steps("samples/0"));
        assertEquals(2, files().size(), "of the second part nothing is left");
    }

    @Test
    void aNewRunReplacesTheEventsOfAnEarlierOneAndNothingElse() throws Exception {
        Path other = Files.writeString(dir.resolve("events.out.tfevents.1795269000.host.1.0"), "of another program");
        run(0, 9);
        run(0, 2);
        assertEquals("of another program", Files.readString(other));
        Files.delete(other);
        assertEquals(List.of(1L, 2L), steps("train/nll"));
        assertEquals(1, files().size());
        assertTrue(files().get(0).getFileName().toString().contains(".1795269001."), "names keep the order");
    }
}
