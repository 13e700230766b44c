package io.github.psft4j.examples.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** Draws a {@link Chart} as inline SVG that takes its colours from the style sheet of the page around it. */
final class SvgChart {

    private static final int WIDTH = 480;
    private static final int HEIGHT = 290;
    private static final int LEFT = 52;
    private static final int RIGHT = 12;
    private static final int TOP = 10;
    private static final int BOTTOM = 40;

    /** Lines of more points than this are drawn without markers. */
    private static final int MAX_MARKERS = 20;

    private final Chart chart;
    private final List<Chart.Line> lines;
    private final Axis x;
    private final Axis y;
    private final StringBuilder svg = new StringBuilder();

    private SvgChart(Chart chart) {
        this.chart = chart;
        this.lines = chart.drawable();
        double lastStep = chart.lines().stream()
                .flatMapToDouble(line -> DoubleStream.of(line.steps()))
                .max()
                .orElse(1);
        this.x = new Axis(0, Math.max(1, lastStep), false);
        this.y = chart.verticalAxis();
    }

    /** The {@code <svg>} element. */
    static String of(Chart chart) {
        return new SvgChart(chart).draw();
    }

    private String draw() {
        add("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", WIDTH, HEIGHT, Html.escape(chart.title()));
        for (double tick : y.ticks()) {
            rule("grid", py(tick));
            text(LEFT - 6, py(tick) + 4, "end", Axis.label(tick));
        }
        for (double tick : x.ticks()) {
            text(px(tick), HEIGHT - BOTTOM + 17, "middle", Axis.label(tick));
        }
        rule("axis", HEIGHT - BOTTOM);
        text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 6, "middle", "optimizer step");
        lines.forEach(this::line);
        return svg.append("</svg>").toString();
    }

    private void line(Chart.Line line) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < line.steps().length; i++) {
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", px(line.steps()[i]), py(line.values()[i])));
        }
        add(
                "<polyline class=\"%s\" points=\"%s\"/>",
                cssClass(line), points.toString().strip());
        if (line.dashed() || line.steps().length > MAX_MARKERS) {
            return;
        }
        for (int i = 0; i < line.steps().length; i++) {
            add(
                    "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"><title>%s, step %.0f: %s</title></circle>",
                    cssClass(line),
                    px(line.steps()[i]),
                    py(line.values()[i]),
                    Html.escape(line.name()),
                    line.steps()[i],
                    Numbers.real(line.values()[i]));
        }
    }

    private void rule(String cssClass, double y) {
        String format = "<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>";
        add(format, cssClass, LEFT, WIDTH - RIGHT, y, y);
    }

    private void text(double x, double y, String anchor, String text) {
        add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, text);
    }

    /** The style-sheet class of a line and of its legend entry. */
    static String cssClass(Chart.Line line) {
        return (line.hue() == Chart.Hue.SFT ? "sft" : "psft") + (line.dashed() ? " dashed" : "");
    }

    private double px(double step) {
        return LEFT + x.position(step) * (WIDTH - LEFT - RIGHT);
    }

    private double py(double value) {
        return HEIGHT - BOTTOM - y.position(value) * (HEIGHT - BOTTOM - TOP);
    }

    private void add(String format, Object... arguments) {
        svg.append(String.format(Locale.ROOT, format, arguments));
    }
}
