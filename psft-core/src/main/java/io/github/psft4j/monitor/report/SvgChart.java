package io.github.psft4j.monitor.report;

import io.github.psft4j.io.Shown;
import java.util.List;

/** Draws a {@link Chart} as SVG: inline, coloured by the style sheet of its page, or as a file of its own. */
public final class SvgChart {

    private static final int WIDTH = 480;
    private static final int HEIGHT = 290;
    private static final int LEFT = 56;
    private static final int RIGHT = 12;
    private static final int TOP = 10;
    private static final int BOTTOM = 40;

    /** Height of title and of a legend line around the plot in a file of its own. */
    private static final int CAPTION = 28;

    /** Lines of more points than this are drawn without markers. */
    static final int MAX_MARKERS = 20;

    private final Chart chart;
    private final List<Chart.Line> lines;
    private final Axis x;
    private final Axis y;
    private final StringBuilder svg = new StringBuilder();

    private SvgChart(Chart chart) {
        this.chart = chart;
        this.lines = chart.drawable();
        this.x = chart.horizontal().holding(chart.lines());
        this.y = chart.verticalAxis();
    }

    /** The {@code <svg>} element for a page with {@link ReportPage}'s style sheet. */
    static String inline(Chart chart) {
        SvgChart drawing = new SvgChart(chart);
        drawing.add(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
                WIDTH, HEIGHT, Html.escape(chart.title()));
        drawing.plot();
        return drawing.svg.append("</svg>").toString();
    }

    /** A whole SVG file on white, with title and legend. */
    public static String file(Chart chart) {
        SvgChart drawing = new SvgChart(chart);
        int height = HEIGHT + CAPTION + CAPTION * (1 + drawing.lines.size() / 3);
        drawing.add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">"
                        + "<style>%s</style><rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>",
                WIDTH, height, 2 * WIDTH, 2 * height, Palette.standaloneStyle());
        drawing.text(LEFT, 20, "start", chart.title() + " (" + chart.unit() + ")");
        drawing.add("<g transform=\"translate(0 %d)\">", CAPTION);
        drawing.plot();
        drawing.legend();
        return drawing.svg.append("</g></svg>\n").toString();
    }

    private void plot() {
        for (double tick : y.ticks()) {
            rule("grid", py(tick));
            text(LEFT - 6, py(tick) + 4, "end", y.label(tick));
        }
        for (double tick : x.ticks()) {
            text(px(tick), HEIGHT - BOTTOM + 17, "middle", x.label(tick));
        }
        rule("axis", HEIGHT - BOTTOM);
        text(
                (LEFT + WIDTH - RIGHT) / 2.0,
                HEIGHT - 6,
                "middle",
                chart.horizontal().label());
        lines.forEach(this::line);
    }

    private void legend() {
        for (int i = 0; i < lines.size(); i++) {
            double left = LEFT + i % 3 * (WIDTH - LEFT) / 3.0;
            double top = HEIGHT + 18 + i / 3 * CAPTION;
            add(
                    "<polyline class=\"%s\" points=\"%.1f,%.1f %.1f,%.1f\"/>",
                    Palette.cssClass(lines.get(i)), left, top - 4, left + 24, top - 4);
            text(left + 30, top, "start", lines.get(i).name());
        }
    }

    private void line(Chart.Line line) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < line.steps().length; i++) {
            points.append(Shown.format("%.1f,%.1f ", px(line.steps()[i]), py(line.values()[i])));
        }
        String cssClass = Palette.cssClass(line);
        add(
                "<polyline class=\"%s\" points=\"%s\"/>",
                cssClass, points.toString().strip());
        for (int i = 0; i < line.steps().length; i++) {
            if (line.errors()[i] > 0) {
                double low = Math.max(y.from(), line.values()[i] - line.errors()[i]);
                double cx = px(line.steps()[i]);
                add(
                        "<polyline class=\"%s\" points=\"%.1f,%.1f %.1f,%.1f\"/>",
                        cssClass, cx, py(low), cx, py(line.values()[i] + line.errors()[i]));
            }
        }
        if (line.dashed() || line.steps().length > MAX_MARKERS) {
            return;
        }
        for (int i = 0; i < line.steps().length; i++) {
            double cx = px(line.steps()[i]);
            add("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>", cssClass, cx, py(line.values()[i]));
        }
    }

    private void rule(String cssClass, double y) {
        String format = "<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>";
        add(format, cssClass, LEFT, WIDTH - RIGHT, y, y);
    }

    private void text(double x, double y, String anchor, String text) {
        add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, Html.escape(text));
    }

    private double px(double step) {
        return LEFT + x.position(step) * (WIDTH - LEFT - RIGHT);
    }

    private double py(double value) {
        return HEIGHT - BOTTOM - y.position(value) * (HEIGHT - BOTTOM - TOP);
    }

    private void add(String format, Object... arguments) {
        svg.append(Shown.format(format, arguments));
    }
}
