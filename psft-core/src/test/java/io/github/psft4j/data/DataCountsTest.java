package io.github.psft4j.data;

import static io.github.psft4j.data.DataFixtures.DIR;
import static io.github.psft4j.data.DataFixtures.TEMPLATE;
import static io.github.psft4j.data.DataFixtures.TOKENIZER;
import static io.github.psft4j.data.DataFixtures.expected;
import static io.github.psft4j.data.DataFixtures.read;
import static io.github.psft4j.data.DataFixtures.report;
import static io.github.psft4j.data.DataFixtures.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.encode.DropReason;
import io.github.psft4j.data.encode.TextSpan;
import io.github.psft4j.data.options.BadRows;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.Truncation;
import io.github.psft4j.data.rows.DataFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is dropped or cut without being counted, and order is that of the files. */
class DataCountsTest {
    private static final Path FILE = DIR.resolve("question-answer.jsonl");

    @TempDir
    Path dir;

    @Test
    void everyTruncationPolicyIsCounted() throws Exception {
        List<Demonstration> whole = expected("question-answer.jsonl");
        int limit = 12;
        List<Demonstration> fitting =
                whole.stream().filter(d -> d.length() <= limit).toList();
        assertTrue(!fitting.isEmpty() && fitting.size() < whole.size());

        assertEquals(fitting, read(DataOptions.builder(FILE).maxLength(limit)));
        DataReport dropped = report(DataOptions.builder(FILE).maxLength(limit));
        assertEquals(whole.size(), dropped.rows());
        assertEquals(whole.size() - fitting.size(), dropped.dropped().get(DropReason.TOO_LONG));
        assertTrue(
                dropped.firstDropped().get(0).startsWith(FILE + ":1: "),
                dropped.firstDropped().get(0));

        List<Demonstration> cut = new ArrayList<>();
        for (Demonstration d : whole) {
            Demonstration start = new Demonstration(
                    Arrays.copyOf(d.tokens(), Math.min(limit, d.length())),
                    Arrays.copyOf(d.lossMask(), Math.min(limit, d.length())));
            if (start.trainedTokens() > 0) {
                cut.add(start);
            }
        }
        DataOptions.Builder keep = DataOptions.builder(FILE).maxLength(limit).truncation(Truncation.KEEP_START);
        assertEquals(cut, read(keep));
        DataReport kept = report(keep);
        assertEquals(whole.size() - cut.size(), kept.dropped().get(DropReason.NO_TRAINED_TOKENS));
        assertEquals(cut.size() - fitting.size(), kept.truncated());
        assertEquals(kept.rows(), kept.kept() + kept.droppedRows());

        DataFormatException e = assertThrows(
                DataFormatException.class,
                () -> read(DataOptions.builder(FILE).maxLength(limit).truncation(Truncation.ERROR)));
        assertTrue(
                e.getMessage().contains(FILE + ":1: ") && e.getMessage().contains("data.max_length is 12"),
                e.getMessage());
    }

    @Test
    void countsAndHistogramAreThoseOfTheDemonstrations() throws Exception {
        List<Demonstration> rows = expected("question-answer.jsonl");
        DataReport report = report(DataOptions.builder(FILE));
        assertEquals(rows.stream().mapToLong(Demonstration::length).sum(), report.tokens());
        assertEquals(rows.stream().mapToLong(Demonstration::trainedTokens).sum(), report.trainedTokens());
        int[] lengths = rows.stream().mapToInt(Demonstration::length).sorted().toArray();
        LengthHistogram histogram = report.lengths();
        assertEquals(lengths[0], histogram.min());
        assertEquals(lengths[2], histogram.p50());
        assertEquals(lengths[4], histogram.max());
        for (int i = 0; i < histogram.counts().length; i++) {
            int from = i * histogram.bucketWidth();
            int to = from + histogram.bucketWidth();
            assertEquals(
                    Arrays.stream(lengths).filter(n -> n > from && n <= to).count(),
                    histogram.counts()[i]);
        }
        assertEquals(rows.size(), Arrays.stream(histogram.counts()).sum());
    }

    @Test
    void badRowsCanBeLeftOutAndAreCountedWithTheirPlace() throws Exception {
        Path file = write(dir, "bad.jsonl", """
                {"prompt": "a", "completion": "b"}
                {"prompt": "a"

                {"prompt": "a", "completion": 3}
                {"prompt": "c", "completion": "d"}
                {"prompt": "e", "completion": ""}
                """);
        DataOptions.Builder options =
                DataOptions.builder(file).badRows(BadRows.DROP).appendEos(false);
        DataReport report = report(options);
        assertEquals(5, report.rows());
        assertEquals(2, report.kept());
        assertEquals(2, report.dropped().get(DropReason.MALFORMED));
        assertEquals(1, report.dropped().get(DropReason.NO_TRAINED_TOKENS));
        assertEquals(
                List.of(file + ":2: ", file + ":4: ", file + ":6: "),
                report.firstDropped().stream()
                        .map(s -> s.substring(0, (file + ":2: ").length()))
                        .toList());
    }

    @Test
    void examplesComeInTheOrderOfTheFileWhateverTheThreads() throws Exception {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            rows.append("{\"prompt\": \"")
                    .append("x".repeat(1 + i * 37 % 200))
                    .append("\", \"completion\": \"")
                    .append(i)
                    .append("\"}\n");
        }
        Path file = write(dir, "many.jsonl", rows.toString());
        for (int threads : new int[] {1, 4}) {
            DataOptions options =
                    DataOptions.builder(file).threads(threads).appendEos(false).build();
            try (RowReader reader = DemonstrationFiles.stream(options, TOKENIZER, TEMPLATE)) {
                for (int i = 0; i < 1000; i++) {
                    RowResult example = reader.next();
                    assertEquals(i + 1, example.row().number());
                    List<TextSpan> spans = TextSpan.of(example.demonstration(), TOKENIZER);
                    assertEquals(
                            String.valueOf(i),
                            spans.stream()
                                    .filter(TextSpan::trained)
                                    .map(TextSpan::text)
                                    .collect(Collectors.joining()));
                }
                assertTrue(!reader.hasNext());
            }
        }
    }

    @Test
    void rowsBeforeABrokenOneAreHandedOutFirst() throws Exception {
        Path file = write(
                dir, "torn.jsonl", "{\"prompt\": \"a\", \"completion\": \"b\"}\n".repeat(70) + "{\"prompt\": \"a");
        DataOptions options = DataOptions.builder(file).threads(2).build();
        try (RowReader reader = DemonstrationFiles.stream(options, TOKENIZER, TEMPLATE)) {
            for (int i = 0; i < 70; i++) {
                assertNull(reader.next().dropped());
            }
            DataFormatException e = assertThrows(DataFormatException.class, reader::next);
            assertTrue(e.getMessage().startsWith(file + ":71: not valid JSON"), e.getMessage());
        }
    }

    @Test
    void maxRowsStopsBeforeReadingOn() throws Exception {
        Path file = write(dir, "rows.jsonl", "{\"prompt\": \"a\", \"completion\": \"b\"}\n".repeat(3) + "not JSON\n");
        assertEquals(3, read(DataOptions.builder(file).maxRows(3)).size());
    }

    /**
     * Counts by {@code tokenizers} and {@code transformers} in Python on the same files, with the fixture's tokenizer.
     */
    @Test
    void gsm8kCountsEqualThoseOfPython() {
        String path = System.getProperty("psft.gsm8k");
        if (path == null) {
            System.out.println("gsm8kCountsEqualThoseOfPython is skipped: set -Dpsft.gsm8k=PATH/train.jsonl");
        }
        Assumptions.assumeTrue(path != null, "-Dpsft.gsm8k is not set");
        DataReport jsonl = report(DataOptions.builder(Path.of(path)));
        assertEquals(
                List.of(7473L, 7473L, 1663281L, 1041108L),
                List.of(jsonl.rows(), jsonl.kept(), jsonl.tokens(), jsonl.trainedTokens()));
        Path parquet = Path.of(path).resolveSibling("psft-layout.parquet");
        Assumptions.assumeTrue(parquet.toFile().exists(), "no psft-layout.parquet beside " + path);
        DataReport rows = report(DataOptions.builder(parquet));
        assertEquals(
                List.of(1000L, 1000L, 273431L, 137158L),
                List.of(rows.rows(), rows.kept(), rows.tokens(), rows.trainedTokens()));
    }
}
