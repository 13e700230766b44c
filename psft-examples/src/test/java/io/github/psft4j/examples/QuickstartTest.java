package io.github.psft4j.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.examples.report.RunComparison;
import io.github.psft4j.train.StepMetrics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.ParameterException;

class QuickstartTest {

    @Test
    void aShortRunWritesEveryOutputAndBothRunsSeeTheSameData(@TempDir Path out) throws IOException {
        RunComparison comparison = Quickstart.compareAndWrite(
                Quickstart.parse("--steps", "3", "--evaluations", "1", "--problems", "20", "--out", out.toString()));

        StepMetrics sft = comparison.sft().steps().get(0);
        StepMetrics psft = comparison.psft().steps().get(0);
        assertEquals(sft.nll(), psft.nll(), 0, "NLL of the first mini-batch");
        assertEquals(sft.gradNorm(), psft.gradNorm(), 1e-6 * sft.gradNorm(), "at ratio 1 PSFT's gradient is SFT's");
        assertEquals(
                List.of(0, 3),
                comparison.psft().evaluations().stream()
                        .map(scores -> scores.step())
                        .toList());
        assertTrue(comparison.base().outOfDomain().value() > 0.8, "the bundled base model knows the other skills");

        for (String file : List.of("results.txt", "report.html", "sft/metrics.jsonl", "psft/metrics.jsonl")) {
            assertTrue(Files.size(out.resolve(file)) > 0, file);
        }
        try (var plots = Files.list(out.resolve("plots"))) {
            assertEquals(6, plots.count());
        }
        for (String model : List.of("base", "sft", "psft")) {
            assertTrue(Files.exists(out.resolve(model).resolve("model.safetensors")), model);
            assertArrayEquals(
                    Files.readAllBytes(out.resolve("base/tokenizer.json")),
                    Files.readAllBytes(out.resolve(model).resolve("tokenizer.json")),
                    model);
        }
    }

    @Test
    void aWrongArgumentIsNamed() {
        assertNamed("--lr", "--lr", "fast");
        assertNamed("--lr", "--lr", "-1");
        assertNamed("--steps", "--steps");
        assertNamed("--speed", "--speed", "9");
        assertNamed("only once", "--seed", "1", "--seed", "2");
        assertNamed("--evaluations", "--steps", "3", "--evaluations", "4");
    }

    @Test
    void resultsBelowAFileAreRefusedWithoutAStackTrace(@TempDir Path dir) throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "kept");
        StringWriter err = new StringWriter();
        int code = new Quickstart()
                .commandLine()
                .setErr(new PrintWriter(err))
                .execute("--out", file.resolve("x").toString());
        assertEquals(2, code, err::toString);
        assertTrue(err.toString().contains(file + " is a file; give a directory"), err::toString);
        assertFalse(err.toString().contains("\tat "), err::toString);
    }

    private static void assertNamed(String expected, String... args) {
        ParameterException error = assertThrows(ParameterException.class, () -> Quickstart.parse(args));
        assertTrue(error.getMessage().contains(expected), error.getMessage());
    }
}
