package io.github.psft4j.examples.cli;

import io.github.psft4j.examples.report.PngPlots;
import io.github.psft4j.monitor.report.Chart;
import io.github.psft4j.monitor.report.RunReport;
import io.github.psft4j.monitor.report.SvgChart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Draws the curves of runs, as pictures and as one page. */
final class PlotRun {

    private PlotRun() {}

    /** @return the files written */
    static List<Path> run(List<Path> runs, Path out) throws IOException {
        for (Path run : runs) {
            if (!Files.exists(run.resolve("metrics.jsonl"))) {
                throw new Refusal(run + " is no run directory: it holds no metrics.jsonl");
            }
        }
        System.setProperty("java.awt.headless", "true"); // drawing needs no display, and a server has none
        Path dir = Files.createDirectories(out == null ? runs.get(0).resolve("plots") : out);
        RunReport report = RunReport.read(runs);
        List<Path> files = new ArrayList<>();
        for (Chart chart : report.charts()) {
            if (!chart.drawable().isEmpty()) {
                files.add(Files.writeString(dir.resolve(chart.id() + ".svg"), SvgChart.file(chart)));
            }
        }
        files.addAll(PngPlots.write(report.charts(), dir));
        Path page = dir.resolve("report.html");
        report.page().write(page);
        files.add(page);
        return files;
    }
}
