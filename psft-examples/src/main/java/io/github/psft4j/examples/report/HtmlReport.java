package io.github.psft4j.examples.report;

import io.github.psft4j.monitor.report.ReportPage;
import java.nio.file.Path;

/** The comparison as one HTML file; see {@link ReportPage}. */
public final class HtmlReport {

    private HtmlReport() {}

    /** Writes the report of {@code comparison} to {@code file}. */
    public static void write(RunComparison comparison, Path file) {
        page(comparison).write(file);
    }

    /** The page. */
    static ReportPage page(RunComparison comparison) {
        ReportPage page = new ReportPage(
                "SFT and PSFT on the skill testbed",
                "A character-level model that knows six skills is fine-tuned on additions written in a format "
                        + "that is new"
                        + " to it. Both runs have the same base model, data, order and learning rate.",
                QuickstartCharts.RUNS,
                0);
        page.heading("Results")
                .numbers(
                        ResultTable.HEADING.cells(),
                        new ResultTable(comparison)
                                .rows().stream().map(ResultTable.Row::cells).toList())
                .note(ResultTable.LEGEND);
        page.heading("What the numbers say");
        new Commentary(comparison).paragraphs().forEach(page::paragraph);
        page.heading("On the way").charts(QuickstartCharts.of(comparison));
        page.heading("Settings").pairs(comparison.settings());
        page.heading("Environment").pairs(comparison.environment());
        return page;
    }
}
