package io.github.psft4j.monitor.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page shows what the runs wrote, needs nothing outside itself, and no text in the data can change it. */
class RunReportTest {

    @TempDir
    private Path dir;

    private static JsonNode data(String page) throws Exception {
        Matcher json = Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL)
                .matcher(page);
        assertTrue(json.find());
        return new ObjectMapper().readTree(json.group(1));
    }

    @Test
    void theCurvesAreTheNumbersOfTheFiles() throws Exception {
        RecordedRuns.write(dir.resolve("sft"), "sft", 40);
        RecordedRuns.write(dir.resolve("psft"), "psft", 30);
        RunReport report = RunReport.read(List.of(dir.resolve("sft"), dir.resolve("psft")));
        assertEquals(List.of("sft", "psft"), report.names());
        JsonNode nll = data(report.page().toHtml()).path("charts").get(0);
        assertEquals("nll", nll.path("id").asText());
        assertEquals(40, nll.path("lines").get(0).path("x").size());
        assertEquals(30, nll.path("lines").get(1).path("y").size());
        assertEquals(
                RecordedRuns.nll(7), nll.path("lines").get(1).path("y").get(6).asDouble(), 1e-5);
    }

    @Test
    void whatCannotBeComparedIsSaid() throws Exception {
        Path sft = dir.resolve("sft");
        Path psft = dir.resolve("psft");
        RecordedRuns.write(sft, "sft", 9);
        RecordedRuns.write(psft, "psft", 18);
        String page = RunReport.read(List.of(sft, psft)).page().toHtml();
        assertTrue(page.contains("different lengths (9, 18 steps)"), "ends at different steps");
        assertFalse(RunReport.read(List.of(psft)).page().toHtml().contains("different lengths"));

        RecordedRuns.clippedToken(psft, "a");
        Path clipped = psft.resolve("clipped-tokens.json");
        assertFalse(RunReport.read(List.of(psft)).page().toHtml().contains("was resumed"));
        Files.writeString(clipped, Files.readString(clipped).replaceFirst("\\{", "{\"after_step\": 6,"));
        assertTrue(
                RunReport.read(List.of(psft)).page().toHtml().contains("after step 6, from which the run was resumed"));
    }

    @Test
    void heldOutRowsInTheTrainingDataAreShown() throws Exception {
        RecordedRuns.write(dir.resolve("psft"), "psft", 3);
        assertFalse(RunReport.read(List.of(dir.resolve("psft"))).page().toHtml().contains("Held-out rows"));
        Files.writeString(dir.resolve("psft/overlap.json"), """
                {"files": {"held-out.jsonl": {"rows": 20, "overlapping": 3, "exact": 1}}, "examples": [
                {"evaluation": ["held-out.jsonl:7"], "column": "question", "training": "train.jsonl:9",
                "shared": "which <b> is it"}]}
                """);
        String page = RunReport.read(List.of(dir.resolve("psft"))).page().toHtml();
        assertTrue(page.contains("Held-out rows in the training data"));
        assertTrue(page.contains("held-out.jsonl:7 question") && page.contains("which &lt;b&gt; is it"), page);
    }

    @Test
    void thePageNeedsNothingOutsideItself() {
        RecordedRuns.write(dir.resolve("run"), "psft", 120);
        String page = RunReport.read(List.of(dir.resolve("run"))).page().toHtml();
        Matcher reference = Pattern.compile(
                        "https?:|\\b(src|href)\\s*=|@import|url\\((?!#)|<link|\\bfetch\\b|XMLHttp|import\\(")
                .matcher(page);
        assertFalse(reference.find(), () -> "refers to something: " + reference.group());
        assertTrue(page.contains("default-src 'none'"), "content policy");
    }

    @Test
    void textInTheDataStaysText() throws Exception {
        String hostile = "</script><script>alert(1)</script><b>\"&'";
        Path run = dir.resolve("run");
        RecordedRuns.write(run, "psft", 5);
        RecordedRuns.clippedToken(run, hostile);
        String page = RunReport.read(List.of(run)).page().toHtml();
        assertEquals(2, page.split("<script", -1).length - 1, "the data and the code");
        assertTrue(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"), "escaped");
    }

    @Test
    void aRunThatGoesOnMayBeInTheMiddleOfALine() throws Exception {
        Path run = dir.resolve("run");
        RecordedRuns.write(run, "psft", 5);
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":6,\"nl", StandardOpenOption.APPEND);
        JsonNode nll = data(RunReport.read(List.of(run)).page().toHtml())
                .path("charts")
                .get(0);
        assertEquals(5, nll.path("lines").get(0).path("x").size());
        Files.writeString(run.resolve("metrics.jsonl"), "");
        assertTrue(RunReport.read(List.of(run)).charts().isEmpty(), "a run before its first step");
        RunReport.write(List.of(run), dir.resolve("empty.html"));
    }

    @Test
    void whatCannotBeReadIsNamed() throws Exception {
        IllegalArgumentException none = assertThrows(
                IllegalArgumentException.class, () -> RunReport.write(List.of(dir), dir.resolve("r.html")));
        assertTrue(none.getMessage().contains(dir + " has no metrics.jsonl"), none.getMessage());
        Path run = dir.resolve("run");
        RecordedRuns.write(run, "psft", 2);
        Files.writeString(run.resolve("metrics.jsonl"), "{}\n{\"step\":oops}\n");
        IllegalArgumentException damaged =
                assertThrows(IllegalArgumentException.class, () -> RunReport.read(List.of(run)));
        assertTrue(damaged.getMessage().contains("metrics.jsonl, line 2: not JSON"), damaged.getMessage());
        assertThrows(IllegalArgumentException.class, () -> RunReport.read(List.of()));
    }

    @Test
    void namesTellRunsApart() {
        for (String name : List.of("a/x/run", "b/x/run", "b/other")) {
            RecordedRuns.write(dir.resolve(name), "psft", 2);
        }
        List<Path> runs = List.of(dir.resolve("a/x/run"), dir.resolve("b/x/run"), dir.resolve("b/other"));
        List<String> expected = List.of("a/x/run", "b/x/run");
        assertEquals(
                expected,
                RunReport.read(runs).names().subList(0, 2).stream()
                        .map(name -> name.replace('\\', '/'))
                        .toList());
        assertEquals(List.of("run"), RunReport.read(runs.subList(0, 1)).names());
        assertEquals(
                2, RunReport.read(List.of(runs.get(0), runs.get(0))).names().size());
    }

    @Test
    void aLongLineIsThinnedWithoutLosingASpike() {
        double[] steps = new double[100_000];
        double[] values = new double[100_000];
        Arrays.setAll(steps, i -> i + 1);
        Arrays.fill(values, 1);
        values[54_321] = 99;
        values[12_345] = -7;
        Chart.Line thin = Thinning.thin(new Chart.Line("a", 0, false, steps, values));
        assertTrue(thin.values().length <= Thinning.MAX_POINTS, "points: " + thin.values().length);
        assertEquals(99, Arrays.stream(thin.values()).max().orElseThrow());
        assertEquals(-7, Arrays.stream(thin.values()).min().orElseThrow());
        double[] sorted = thin.steps().clone();
        Arrays.sort(sorted);
        assertEquals(Arrays.toString(sorted), Arrays.toString(thin.steps()), "in their order");
    }
}
