package io.github.psft4j.spark.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.DemonstrationFiles;
import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.options.BadRows;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.spark.SparkTrainer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data that tasks read and tokenise in parts: order, tokens, report and faults of the same file read here. */
class SparkDataTest {

    private static final Path RESOURCES = Path.of(System.getProperty("psft.models", "../src/test/resources"))
            .toAbsolutePath()
            .normalize();

    private static final ChatTemplate TEMPLATE = ChatTemplate.of("{% for m in messages %}{{ m.role + ': ' }}"
            + "{% if m.role == 'assistant' %}{% generation %}{{ m.content + '\n' }}{% endgeneration %}"
            + "{% else %}{{ m.content + '\n' }}{% endif %}{% endfor %}");

    private static JavaSparkContext context;
    private static Tokenizer tokenizer;

    @TempDir
    static Path dir;

    @BeforeAll
    static void open() {
        SparkConf conf =
                new SparkConf().setMaster("local[4,2]").setAppName("test").set("spark.ui.enabled", "false");
        context = new JavaSparkContext(SparkTrainer.configure(conf).set("spark.task.cpus", "1"));
        tokenizer = Tokenizer.load(RESOURCES.resolve("models").resolve("stories260K"));
    }

    @AfterAll
    static void close() {
        tokenizer.close();
        context.close();
    }

    private static DemonstrationSet there(DataOptions options, long partBytes) {
        List<String> uris = options.paths().stream()
                .map(path -> "file:" + path.toAbsolutePath().normalize())
                .toList();
        return new SparkData(context, partBytes).read(uris, options, tokenizer, TEMPLATE);
    }

    private static void assertSame(DataOptions options, long partBytes) {
        try (DemonstrationSet here = DemonstrationFiles.read(options, tokenizer, TEMPLATE);
                DemonstrationSet there = there(options, partBytes)) {
            assertTrue(here.size() > 3, here.report().summary());
            assertEquals(List.copyOf(here), List.copyOf(there));
            assertEquals(report(here), report(there).replace("file:", ""), "in parts of " + partBytes);
        }
    }

    private static String report(DemonstrationSet set) {
        return new ObjectMapper().valueToTree(set.report()).toString();
    }

    private static String lines() {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            out.append("{\"prompt\": \"Tom has " + i + " \", \"completion\": \"" + "cats ".repeat(i % 7 + 1)
                    + "\", \"weight\": " + (1 + i % 3) + ", \"note\": \"x\"}" + (i % 5 == 0 ? "\r\n\n" : "\n"));
            out.append(i == 20 || i == 41 ? "{\"prompt\": 7}\n" : "");
        }
        return out.toString().strip(); // no line feed at the end
    }

    @Test
    void everyCutOfLinesSharesThemOut() throws IOException {
        byte[] text = "ab\n\ncdefg\nh\r\n\nij".getBytes(StandardCharsets.UTF_8);
        for (int size = 1; size <= text.length + 1; size++) {
            StringBuilder all = new StringBuilder();
            for (int from = 0; from < text.length; from += size) {
                byte[] rest = Arrays.copyOfRange(text, Math.max(0, from - 1), text.length);
                String part = new String(
                        new LineRange(new ByteArrayInputStream(rest), from, from + size).readAllBytes(),
                        StandardCharsets.UTF_8);
                assertTrue(all.isEmpty() || part.isEmpty() || all.charAt(all.length() - 1) == '\n', "cut in a line");
                all.append(part);
            }
            assertEquals(new String(text, StandardCharsets.UTF_8), all.toString(), "parts of " + size + " bytes");
        }
    }

    @Test
    void linesHaveTheTokensTheOrderAndTheReportOfALocalFile() throws IOException {
        Path file = Files.writeString(dir.resolve("train.jsonl"), lines());
        DataOptions.Builder options =
                DataOptions.builder(file).column("weight", "weight").badRows(BadRows.DROP);
        assertSame(options.build(), 300);
        assertSame(options.maxRows(33).build(), 1000);
    }

    @Test
    void rowGroupsAndPartsOfThemHaveTheRowsOfALocalFile() {
        Path data = RESOURCES.resolve("data");
        assertSame(DataOptions.builder(data.resolve("messages.v2.parquet")).build(), 1 << 20);
        assertSame(
                DataOptions.builder(data.resolve("parquet").resolve("pairs.pyarrow.parquet"))
                        .build(),
                100);
    }

    @Test
    void rowsOfAnRddHaveTheTokensAndTheOrderOfTheSameLinesInAFile() throws IOException {
        Path file = Files.writeString(dir.resolve("rdd.jsonl"), lines());
        DataOptions options = DataOptions.builder(file)
                .column("weight", "weight")
                .badRows(BadRows.DROP)
                .build();
        List<String> rows = new ArrayList<>(lines().lines().toList());
        rows.set(3, rows.get(3).replace(", ", ",\n "));
        try (DemonstrationSet here = DemonstrationFiles.read(options, tokenizer, TEMPLATE);
                DemonstrationSet there =
                        new SparkData(context, 1).read(context.parallelize(rows, 7), options, tokenizer, TEMPLATE)) {
            assertEquals(List.copyOf(here), List.copyOf(there));
            assertEquals(here.report().kept(), there.report().kept());
            assertEquals(2, there.report().rows() - there.report().kept(), "bad rows are counted");
        }
        DataOptions strict = DataOptions.builder(file).build();
        JavaRDD<String> bad = context.parallelize(List.of("{\"prompt\": \"a\", \"completion\": \"b\"}", "{7"), 2);
        Exception refused = assertThrows(
                DataFormatException.class, () -> new SparkData(context, 1).read(bad, strict, tokenizer, TEMPLATE));
        assertTrue(refused.getMessage().contains("partition-00001:1"), refused.getMessage());
        Exception none = assertThrows(
                DataFormatException.class,
                () -> new SparkData(context, 1).read(context.parallelize(List.of("[]")), strict, tokenizer, TEMPLATE));
        assertTrue(none.getMessage().contains("toJSON"), none.getMessage());
    }

    @Test
    void aBadRowIsRefusedWithItsPlaceAndAFileThatCannotBeCutToo() throws IOException {
        DataOptions options = DataOptions.builder(Files.writeString(dir.resolve("bad.jsonl"), lines()))
                .build();
        Exception here =
                assertThrows(DataFormatException.class, () -> DemonstrationFiles.read(options, tokenizer, TEMPLATE));
        Exception there = assertThrows(DataFormatException.class, () -> there(options, 200));
        assertEquals(here.getMessage(), there.getMessage().replace("file:", ""));

        DataOptions array = DataOptions.builder(Files.writeString(dir.resolve("array.json"), "[{\"text\": \"x\"}]"))
                .build();
        Exception uncut = assertThrows(DataFormatException.class, () -> there(array, 200));
        assertTrue(uncut.getMessage().contains("write the data as Parquet"), uncut.getMessage());
    }
}
