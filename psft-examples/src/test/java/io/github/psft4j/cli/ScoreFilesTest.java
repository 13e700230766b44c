package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.config.Bundled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What score does to files: none is lost, none is left half written. */
class ScoreFilesTest {

    private static final String MODEL = "../psft-core/src/test/resources/models/stories260K";
    private static final String ROW = "{\"input_ids\": [1, 403, 407], \"loss_mask\": [0, 1, 1]}\n";
    private static final String TOO_SHORT = "{\"input_ids\": [1], \"loss_mask\": [0]}\n";

    @TempDir
    Path dir;

    private static InProcess.Result score(String input, Path output) {
        return InProcess.run(
                "score", "--model", MODEL, "--batch", "1", "--input", input, "--output", output.toString());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theInputIsNeverTheOutputByWhateverNameAndStays() throws IOException {
        Path rows =
                Files.writeString(Files.createDirectories(dir.resolve("data")).resolve("rows.jsonl"), ROW);
        for (Path input : List.of(rows, rows.getParent())) {
            InProcess.Result result = score(input.toString(), dir.resolve("data/../data/rows.jsonl"));
            assertEquals(ExitCodes.REFUSED, result.code(), result.err());
            assertTrue(result.err().contains("--output") && result.err().contains("--input"), result.err());
            assertEquals(ROW, Files.readString(rows));
        }
    }

    @Test
    void aScoreThatFailsOnTheWayLeavesTheOldFileAndNoOther() throws IOException {
        Path rows = Files.writeString(dir.resolve("rows.jsonl"), ROW + TOO_SHORT);
        Path output = Files.writeString(dir.resolve("scores.jsonl"), "old");
        InProcess.Result result = score(rows.toString(), output);
        assertEquals(ExitCodes.REFUSED, result.code(), result.err());
        assertEquals("old", Files.readString(output));
        assertEquals(List.of("rows.jsonl", "scores.jsonl"), names());
    }

    @Test
    void bundledDataAreScored() throws IOException {
        Files.writeString(Files.createDirectories(dir.resolve("share")).resolve("rows.jsonl"), ROW);
        String home = System.getProperty(Bundled.HOME_PROPERTY);
        System.setProperty(Bundled.HOME_PROPERTY, dir.toString());
        try {
            Path output = dir.resolve("new/scores.jsonl");
            InProcess.Result result = score("bundled:rows.jsonl", output);
            assertEquals(0, result.code(), result.err());
            assertEquals(1, Files.readAllLines(output).size());
            assertTrue(
                    result.err()
                            .matches("(?s).*1 rows, 2 trained tokens; mean NLL \\d+\\.\\d{4} nats/token, perplexity"
                                    + " \\S+\\s*"),
                    result.err());
        } finally {
            if (home == null) {
                System.clearProperty(Bundled.HOME_PROPERTY);
            } else {
                System.setProperty(Bundled.HOME_PROPERTY, home);
            }
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aPipeAndALinkStayWhatTheyAre() throws IOException, InterruptedException {
        Path rows = Files.writeString(dir.resolve("rows.jsonl"), ROW);
        Path pipe = dir.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        InProcess.Result read = score(pipe.toString(), dir.resolve("scores.jsonl"));
        assertEquals(ExitCodes.REFUSED, read.code(), read.err());
        assertTrue(read.err().contains("pipe or device"), read.err());

        Process reader = new ProcessBuilder("cat", pipe.toString()).start();
        assertEquals(0, score(rows.toString(), pipe).code());
        String piped = new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(piped.startsWith("{\"tokens\":2,"), piped);

        Path target = Files.writeString(dir.resolve("target.jsonl"), "old");
        Path link = Files.createSymbolicLink(dir.resolve("link.jsonl"), target);
        assertEquals(0, score(rows.toString(), link).code());
        assertTrue(Files.isSymbolicLink(link), "the link is still one");
        assertEquals(piped, Files.readString(target));
    }
}
