package io.github.psft4j.cli;

import io.github.psft4j.examples.report.Pictures;
import io.github.psft4j.io.Directories;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.monitor.report.Chart;
import io.github.psft4j.monitor.report.RunReport;
import io.github.psft4j.monitor.report.SvgChart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Draws the curves of runs, as pictures and as one page. */
final class PlotRun {

    private PlotRun() {}

    /**
     * @param say receives what could not be drawn
     * @return the files written, the page first
     */
    static List<Path> run(List<Path> named, Path out, Consumer<String> say) throws IOException {
        Map<Path, Path> once = new LinkedHashMap<>(); // a run that is named twice has one curve
        for (Path run : named) {
            if (!Files.exists(run.resolve("metrics.jsonl"))) {
                throw new RefusedException(run + " is no run directory: it holds no metrics.jsonl");
            }
            once.putIfAbsent(run.toRealPath(), run);
        }
        List<Path> runs = List.copyOf(once.values());
        if (out != null) {
            Directories.requirePlace("--out", out);
        }
        System.setProperty("java.awt.headless", "true"); // drawing needs no display, and a server has none
        Path dir = Files.createDirectories(out == null ? runs.get(0).resolve("plots") : out);
        RunReport report = RunReport.read(runs);
        Path page = dir.resolve("report.html");
        report.page().write(page);
        List<Path> files = new ArrayList<>(List.of(page));
        for (Chart chart : report.charts()) {
            if (!chart.drawable().isEmpty()) {
                files.add(Files.writeString(dir.resolve(chart.id() + ".svg"), SvgChart.file(chart)));
            }
        }
        files.addAll(Pictures.write(report.charts(), dir, say)); // last: not every Java can draw them
        return files;
    }
}
