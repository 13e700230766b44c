package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code psft data check} on a question that stands in both files. */
class DataCheckTest {

    private static final String QUESTION = "How many loaves does the baker sell in a week of seven days and in a year?";

    @TempDir
    Path dir;

    private Path train() throws IOException {
        return Files.writeString(
                dir.resolve("train.jsonl"),
                "{\"prompt\": \"" + QUESTION.toLowerCase() + "\"}\n{\"prompt\": \"Something else altogether.\"}\n");
    }

    private Path test() throws IOException {
        return Files.writeString(
                dir.resolve("test.jsonl"),
                "{\"question\": \"What is the tallest tower?\", \"id\": \"a\"}\n{\"question\": \"" + QUESTION
                        + "\"}\n");
    }

    @Test
    void overlapsAreCountedShownAndWritten() throws IOException {
        Path lines = dir.resolve("overlaps.jsonl");
        InProcess.Result result = InProcess.run(
                "data", "check", train().toString(), "--against", test().toString(), "--out", lines.toString());
        assertEquals(0, result.code(), result.err());
        assertTrue(result.out().contains("test.jsonl: 1 of 2 rows share text"), result.out());
        assertTrue(result.out().contains("test.jsonl:2 question in "), result.out());
        assertTrue(result.out().contains("training rows: 2, of which 1 share text"), result.out());
        List<String> written = Files.readAllLines(lines);
        assertEquals(1, written.size());
        JsonNode overlap = new ObjectMapper().readTree(written.get(0));
        assertEquals(dir.resolve("train.jsonl") + ":1", overlap.get("training").asText());
        assertEquals(4, overlap.get("kinds").size());
        assertEquals(17, overlap.get("words").asInt());
    }

    @Test
    void countsAreJsonOnRequest() throws IOException {
        InProcess.Result result =
                InProcess.run("data", "check", train().toString(), "--against", test().toString(), "--json");
        JsonNode counts = new ObjectMapper().readTree(result.out());
        assertEquals(1, counts.get("overlapping_training_rows").asInt());
        assertEquals(
                1,
                counts.get("files")
                        .get(dir.resolve("test.jsonl").toString())
                        .get("thirteen_words")
                        .asInt());
    }

    @Test
    void aMissingColumnIsNamedWithTheRow() throws IOException {
        InProcess.Result result = InProcess.run(
                "data", "check", train().toString(), "--against", test().toString(), "--column", "problem");
        assertEquals(2, result.code());
        assertTrue(result.err().contains("test.jsonl:1: none of the columns problem is there"), result.err());
    }
}
