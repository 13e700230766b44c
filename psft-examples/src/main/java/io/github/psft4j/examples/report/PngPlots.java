package io.github.psft4j.examples.report;

import io.github.psft4j.monitor.report.Axis;
import io.github.psft4j.monitor.report.Chart;
import io.github.psft4j.monitor.report.Palette;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws charts as PNG files. */
final class PngPlots {

    private static final int WIDTH = 900;
    private static final int HEIGHT = 540;
    private static final Color GRID = new Color(0xdddddd);

    private PngPlots() {}

    /**
     * Writes one PNG per chart into {@code directory}, creating it if need be.
     *
     * @return the files written
     * @throws IOException if a file cannot be written
     * @throws LinkageError if this Java runtime has no fonts or no AWT; {@link Pictures} catches it
     */
    static List<Path> write(List<Chart> charts, Path directory) throws IOException {
        Files.createDirectories(directory);
        List<Path> files = new ArrayList<>();
        for (Chart chart : charts) {
            Path file = directory.resolve(chart.id() + ".png");
            ByteArrayOutputStream png = new ByteArrayOutputStream(); // where drawing fails, no empty file is left
            ChartEncoder.saveChart(draw(chart), png, "png");
            files.add(Files.write(file, png.toByteArray()));
        }
        return files;
    }

    private static XYChart draw(Chart chart) {
        XYChart plot = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(chart.title())
                .xAxisTitle(chart.horizontal().label())
                .yAxisTitle(chart.unit())
                .build();
        Axis axis = chart.verticalAxis();
        plot.getStyler().setErrorBarsColorSeriesColor(true);
        plot.getStyler()
                .setYAxisLogarithmic(chart.logarithmic())
                .setYAxisLogarithmicDecadeOnly(false)
                .setYAxisTickLabelsFormattingFunction(axis::labelOfTick)
                .setXAxisLogarithmic(chart.horizontal().logarithmic())
                .setXAxisMin(chart.horizontal().logarithmic() ? null : 0.0)
                .setYAxisMin(axis.from())
                .setYAxisMax(axis.to())
                .setPlotGridLinesColor(GRID)
                .setChartBackgroundColor(Color.WHITE)
                .setLegendPosition(Styler.LegendPosition.OutsideS)
                .setLegendLayout(Styler.LegendLayout.Horizontal)
                .setLegendBorderColor(Color.WHITE)
                .setPlotBorderVisible(false)
                .setMarkerSize(7);
        for (Chart.Line line : chart.drawable()) {
            double[] errors = line.hasErrors() ? line.errors() : null; // XChart draws none for null
            XYSeries series = plot.addSeries(line.name(), line.steps(), line.values(), errors);
            Color color = Color.decode(Palette.light(line.run()));
            series.setLineColor(color);
            series.setMarkerColor(color);
            series.setLineStyle(line.dashed() ? dashed() : new BasicStroke(2.5f));
            series.setMarker(line.dashed() || line.steps().length > 20 ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
        }
        return plot;
    }

    private static BasicStroke dashed() {
        float[] pattern = {5f, 4f};
        return new BasicStroke(1.6f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, pattern, 0f);
    }
}
