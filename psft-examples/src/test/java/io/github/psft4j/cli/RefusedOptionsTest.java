package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.cli.console.ExitCodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options that cannot hold, or would change nothing, are refused before anything is loaded. */
class RefusedOptionsTest {

    private static final String MODEL = "../psft-core/src/test/resources/models/stories260K";

    @TempDir
    Path dir;

    private String file;

    @BeforeEach
    void makeAFile() throws IOException {
        file = Files.writeString(dir.resolve("file"), "kept").toString();
    }

    private static void assertRefused(List<String> arguments, String... said) {
        InProcess.Result result = InProcess.run(arguments.toArray(String[]::new));
        assertEquals(ExitCodes.REFUSED, result.code(), result::err);
        for (String words : said) {
            assertTrue(result.err().contains(words), () -> words + " is not in: " + result.err());
        }
    }

    @Test
    void resultsBelowAFileAreRefused() throws IOException {
        Path run = Files.createDirectories(dir.resolve("run"));
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":1,\"nll\":2.0}\n");
        String below = file + "/x";
        assertRefused(List.of("plot", run.toString(), "--out", below), "--out " + below, file + " is a file");
        Path rows = Files.writeString(dir.resolve("rows.jsonl"), "{\"text\": \"a b\"}\n");
        List<String> eval = List.of(
                "eval", "--task", "perplexity", "--data", rows.toString(), "--model", "nowhere", "--out", below);
        assertRefused(eval, "--out " + below, file + " is a file; give a directory");
        assertRefused(List.of("eval", "--compare", "a", "b", "--out", below), "--out", file + " is a file");
        assertRefused(
                List.of("eval", "--compare", "a", "b", "--out", run.toString()), "give a file", "comparison.html");
        assertEquals("kept", Files.readString(Path.of(file)));
    }

    @Test
    void aPlanTakesOnlyWhatItCounts() {
        assertRefused(List.of("plan", "--model", MODEL, "--length", "0"), "--length must be 2 or more, was 0");
        assertRefused(List.of("plan", "--model", MODEL, "--length", "513"), "--length 513", "512 positions");
        assertRefused(List.of("plan", "--model", MODEL, "--length", "9", "--prompt", "9"), "--prompt", "9 of 9");
        assertRefused(List.of("plan", "--model", MODEL, "--sequences", "0"), "--sequences must be 1 or more, was 0");
        assertRefused(List.of("plan", "--model", MODEL, "--set", "batch.mini=2"), "--set", "training run");
        for (String option : List.of("--prompt=3", "--sequences=3", "--precision=bf16")) {
            assertRefused(List.of("plan", file, option), option.substring(0, option.indexOf('=')), "--model DIR");
        }
    }

    @Test
    void aTaskThatIsNoFileNamesTheListOfTasks() {
        assertRefused(
                List.of("eval", "--task", "nowhere.yaml", "--model", "x", "--out", dir.toString()),
                "nowhere.yaml: no such file",
                "psft eval --list");
    }

    @Test
    void aTemplateWithoutQuotesIsToldToTakeThem() throws IOException {
        String[] arguments = {"eval", "--task", "gsm8k", "--model", "x", "--out", "y", "--set", "prompt.template={{q}}"
        };
        assertRefused(List.of(arguments), "--set prompt.template", "quotes of its own");
        assertFalse(InProcess.run(arguments).err().contains("org.yaml"));
        Path task = Files.writeString(dir.resolve("t.yaml"), "task:\n  kind: generate\nprompt:\n  template: {{q}}\n");
        assertRefused(
                List.of("eval", "--task", task.toString(), "--model", "x", "--out", "y"),
                "line 4",
                "quotes of its own");
    }
}
