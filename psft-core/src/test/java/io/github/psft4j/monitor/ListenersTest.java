package io.github.psft4j.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.model.CausalLm;
import io.github.psft4j.monitor.files.RunDirectory;
import io.github.psft4j.train.TinyRuns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ready sets write what they promise, with the report last, so that it holds what the others wrote. */
class ListenersTest {

    private static TreeSet<String> names(Path dir) throws Exception {
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void theDefaultsWriteMetricsWarningsEventsAndReport(@TempDir Path dir) throws Exception {
        TinyRuns.trainer(TinyRuns.model())
                .listeners(Listeners.defaults(dir.resolve("run")))
                .build()
                .fit(TinyRuns.demonstrations(24, 5));
        assertEquals(
                "[metrics.jsonl, report.html, tensorboard, warnings.jsonl]",
                names(dir.resolve("run")).toString());
        String page = Files.readString(new RunDirectory(dir.resolve("run")).report());
        assertTrue(page.contains("<figure id=\"nll\">") && page.contains(">12<"), "12 steps");
    }

    @Test
    void withAnEvaluationTheReportHasItAndTheClippedTokens(@TempDir Path dir) throws Exception {
        CausalLm model = TinyRuns.model();
        RunDirectory run = new RunDirectory(dir.resolve("run"));
        HeldOutEvaluation evaluation =
                new HeldOutEvaluation(model, TinyRuns.demonstrations(4, 9), 6, run.evaluations());
        TinyRuns.trainer(model)
                .listeners(Listeners.defaults(run.path(), null, evaluation))
                .build()
                .fit(TinyRuns.demonstrations(24, 5));
        assertEquals(
                "[clipped-tokens.json, eval.jsonl, metrics.jsonl, report.html, tensorboard, warnings.jsonl]",
                names(run.path()).toString());
        String page = Files.readString(run.report());
        assertTrue(page.contains("<figure id=\"held-out-nll\">") && page.contains("Most-clipped tokens of run"));
    }
}
