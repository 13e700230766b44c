package io.github.psft4j.data;

import static io.github.psft4j.data.DataFixtures.TOKENIZER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.options.DataOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Held-out parts and mixing weights: by seed, without loss, and never in both portions. */
class PortionsTest {

    @TempDir
    Path dir;

    private Path a;
    private Path b;

    @BeforeEach
    void write() throws Exception {
        a = file("a.jsonl", 40);
        b = file("b.jsonl", 10);
    }

    private Path file(String name, int rows) throws Exception {
        return Files.writeString(
                dir.resolve(name),
                IntStream.range(0, rows)
                        .mapToObj(i -> "{\"question\": \"%s %d\", \"answer\": \"x\"}\n".formatted(name, i))
                        .collect(Collectors.joining()));
    }

    private DemonstrationSet both() {
        return DemonstrationFiles.read(DataOptions.builder(a, b).threads(1).build(), TOKENIZER, null);
    }

    private static List<String> texts(List<Demonstration> demonstrations) {
        return demonstrations.stream().map(d -> TOKENIZER.decode(d.tokens())).toList();
    }

    @Test
    void everyDemonstrationIsTrainedOrHeldOutAndTheSeedDecidesWhich() {
        try (DemonstrationSet all = both()) {
            Portions portions = Portions.of(all, 0.1, Map.of(), 7);
            assertEquals(5, portions.heldOut().size());
            List<String> joined = new ArrayList<>(texts(portions.train()));
            joined.addAll(texts(portions.heldOut()));
            assertEquals(50, joined.size());
            assertEquals(new HashSet<>(texts(all)), new HashSet<>(joined));
            assertEquals(portions.heldOut(), Portions.of(all, 0.1, Map.of(), 7).heldOut());
            assertTrue(!portions.heldOut()
                    .equals(Portions.of(all, 0.1, Map.of(), 8).heldOut()));
            assertEquals(3, Portions.of(all, 3, Map.of(), 7).heldOut().size());
            assertNull(Portions.of(all, 0, Map.of(), 7).heldOut());
            assertEquals(all, Portions.of(all, 0, Map.of(), 7).train());
            assertThrows(IllegalArgumentException.class, () -> Portions.of(all, 50, Map.of(), 7));
        }
    }

    @Test
    void aWeightSaysHowOftenAnEpochShowsAFileAndHeldOutRowsStayOut() {
        try (DemonstrationSet all = both()) {
            Portions portions = Portions.of(all, 0.1, Map.of(a, 0.5, b, 2.0), 7);
            List<String> train = texts(portions.train());
            Set<String> heldOut = new HashSet<>(texts(portions.heldOut()));
            assertTrue(train.stream().noneMatch(heldOut::contains));
            long fromB = texts(all).stream()
                    .filter(t -> t.startsWith("b.jsonl") && !heldOut.contains(t))
                    .count();
            assertEquals(
                    2 * fromB,
                    train.stream().filter(t -> t.startsWith("b.jsonl")).count());
            long left = 45 - fromB;
            assertEquals(
                    Math.round(left / 2.0),
                    train.stream()
                            .filter(t -> t.startsWith("a.jsonl"))
                            .distinct()
                            .count());
            assertEquals(
                    train,
                    texts(Portions.of(all, 0.1, Map.of(a, 0.5, b, 2.0), 7).train()));
        }
        try (DemonstrationSet all = both()) {
            assertEquals(10, Portions.of(all, 0, Map.of(a, 0.0), 7).train().size());
            assertEquals(100, Portions.of(all, 0, Map.of(dir, 2.0), 7).train().size());
            assertThrows(IllegalArgumentException.class, () -> Portions.of(all, 0, Map.of(dir, 0.0), 7));
        }
    }

    /** The data folder of a Hugging Face data set. */
    @Test
    void heldOutFilesOfADirectoryAreNotTrainedOnAndAreNamed() throws Exception {
        Path data = Files.createDirectory(dir.resolve("data"));
        for (String name : List.of("test-00000-of-00001", "train-00000-of-00001", "my_dev", "latest", "holdout")) {
            Files.copy(b, data.resolve(name + ".jsonl"));
        }
        Files.writeString(data.resolve("dataset_info.json"), "{}");
        DataReport report = DataFixtures.report(DataOptions.builder(data));
        assertEquals(
                List.of(
                        data.resolve("latest.jsonl").toString(),
                        data.resolve("train-00000-of-00001.jsonl").toString()),
                report.files());
        assertEquals(List.of(10, 10), report.keptByFile());
        assertTrue(
                report.notes().stream()
                        .anyMatch(note -> note.startsWith("not read, because their names say held-out data: ")
                                && note.contains("my_dev.jsonl")
                                && note.contains("holdout.jsonl")
                                && note.contains("test-00000-of-00001.jsonl")),
                report.notes().toString());
        Files.delete(data.resolve("latest.jsonl"));
        Files.delete(data.resolve("train-00000-of-00001.jsonl"));
        DataReport only = DataFixtures.report(DataOptions.builder(data));
        assertEquals(30, only.kept());
        assertTrue(
                only.notes().stream().anyMatch(note -> note.startsWith("read, although their names")),
                only.notes().toString());
    }
}
