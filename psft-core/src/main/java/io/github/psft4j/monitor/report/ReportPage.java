package io.github.psft4j.monitor.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.monitor.files.WholeFile;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One HTML file of tables, texts and charts that needs nothing else. It uses no address, font or picture, and its
 * content policy forbids the browser to load any. Where scripts run, charts are interactive (values under the pointer,
 * runs on and off, scale, smoothing, zoom). Elsewhere they are plain pictures. It follows the reader's light or dark
 * setting, fits a phone and prints.
 */
public final class ReportPage {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String title;
    private final StringBuilder body = new StringBuilder();
    private final ObjectNode data = JSON.createObjectNode();
    private final ArrayNode charts = data.putArray("charts");
    private final StringBuilder moreStyle = new StringBuilder();
    private final StringBuilder moreScript = new StringBuilder();

    /**
     * @param title heading of the page
     * @param introduction a sentence or two below it, plain text
     * @param runs names of the runs that charts refer to by index
     * @param smoothing weight of the past in the moving average that charts start with, in [0, 1); 0 for none
     */
    public ReportPage(String title, String introduction, List<String> runs, double smoothing) {
        this.title = title;
        data.set("runs", JSON.valueToTree(runs));
        data.put("smoothing", smoothing);
        body.append("<h1>").append(Html.escape(title)).append("</h1>\n");
        body.append("<p class=\"faint\">").append(Html.text(introduction)).append("</p>\n");
    }

    /** A heading. */
    public ReportPage heading(String text) {
        body.append("<h2>").append(Html.escape(text)).append("</h2>\n");
        return this;
    }

    /** A paragraph of ASCII prose; {@code +-} becomes a plus-minus sign. */
    public ReportPage paragraph(String text) {
        body.append("<p>").append(Html.text(text)).append("</p>\n");
        return this;
    }

    /** A small paragraph. */
    public ReportPage note(String text) {
        body.append("<p class=\"faint\">").append(Html.text(text)).append("</p>\n");
        return this;
    }

    /** A table of texts; all columns but the first are set flush right. */
    public ReportPage numbers(List<String> heading, List<List<String>> rows) {
        return table("numbers", heading, rows);
    }

    /** A table of texts, flush left. */
    public ReportPage texts(List<String> heading, List<List<String>> rows) {
        return table("texts", heading, rows);
    }

    private ReportPage table(String cssClass, List<String> heading, List<List<String>> rows) {
        body.append("<div class=\"scroll\"><table class=\"").append(cssClass).append("\">\n");
        if (!heading.isEmpty()) {
            body.append("<thead>");
            row(heading, "th");
            body.append("</thead>\n");
        }
        body.append("<tbody>\n");
        rows.forEach(row -> row(row, "td"));
        body.append("</tbody>\n</table></div>\n");
        return this;
    }

    private void row(List<String> cells, String element) {
        body.append("<tr>");
        for (String cell : cells) {
            body.append('<').append(element).append('>').append(Html.text(cell));
            body.append("</").append(element).append('>');
        }
        body.append("</tr>\n");
    }

    /** A table of names and values. */
    public ReportPage pairs(Map<String, String> pairs) {
        List<List<String>> rows = pairs.entrySet().stream()
                .map(pair -> List.of(pair.getKey(), pair.getValue()))
                .toList();
        return texts(List.of(), rows);
    }

    /**
     * Content of another class.
     *
     * @param html well-formed, all texts in it escaped
     * @param style name of a style sheet beside this class
     * @param script name of a script beside this class
     */
    ReportPage part(String html, String style, String script) {
        body.append(html);
        moreStyle.append(FileCall.resource(ReportPage.class, style));
        moreScript
                .append("<script>\n")
                .append(FileCall.resource(ReportPage.class, script))
                .append("</script>\n");
        return this;
    }

    /** Charts side by side under the switches that hold for all of them; to be called once. */
    public ReportPage charts(List<Chart> list) {
        body.append("<div id=\"switches\"></div>\n<div class=\"plots\">\n");
        list.forEach(this::figure);
        body.append("</div>\n");
        return this;
    }

    private void figure(Chart chart) {
        body.append("<figure id=\"").append(Html.escape(chart.id())).append("\"><figcaption><b>");
        body.append(Html.escape(chart.title())).append("</b> <span>");
        body.append(Html.escape(chart.unit())).append("</span></figcaption><div class=\"plot\">");
        body.append(SvgChart.inline(thinned(chart))).append("</div><div class=\"keys\">");
        for (Chart.Line line : chart.drawable()) {
            body.append("<span class=\"key\"><i class=\"")
                    .append(Palette.cssClass(line))
                    .append("\"></i>");
            body.append(Html.escape(line.name())).append("</span>");
        }
        body.append("</div></figure>\n");
        charts.add(json(thinned(chart)));
    }

    private static Chart thinned(Chart chart) {
        List<Chart.Line> lines = chart.drawable().stream().map(Thinning::thin).toList();
        return new Chart(chart.id(), chart.title(), chart.unit(), chart.scale(), lines);
    }

    private static ObjectNode json(Chart chart) {
        ObjectNode node = JSON.createObjectNode();
        node.put("id", chart.id());
        node.put("scale", chart.scale().name());
        ArrayNode lines = node.putArray("lines");
        for (Chart.Line line : chart.lines()) {
            ObjectNode entry = lines.addObject();
            entry.put("name", line.name());
            entry.put("run", line.run());
            entry.put("css", Palette.cssClass(line));
            entry.put("dashed", line.dashed());
            put(entry.putArray("x"), line.steps());
            put(entry.putArray("y"), line.values());
        }
        return node;
    }

    /** Six digits are more than a screen shows. */
    private static void put(ArrayNode array, double[] values) {
        for (double value : values) {
            array.add(new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros());
        }
    }

    /** The page. */
    public String toHtml() {
        String style = FileCall.resource(ReportPage.class, "report.css")
                .replace("/*light*/", Palette.variables(false))
                .replace("/*dark*/", Palette.variables(true));
        return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                + "'unsafe-inline';"
                + " script-src 'unsafe-inline'\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
                + Html.escape(title) + "</title>\n<style>\n" + style + Palette.rules() + moreStyle
                + "</style>\n</head>\n<body>\n" + body + (charts.isEmpty() ? "" : script()) + moreScript
                + "</body>\n</html>\n";
    }

    private String script() {
        // "<" as an escape, so that no text in the data can end the element.
        String json = data.toString().replace("<", "\\u003c");
        return "<script type=\"application/json\" id=\"data\">" + json + "</script>\n<script>\n"
                + FileCall.resource(ReportPage.class, "report.js") + "</script>\n";
    }

    /**
     * Writes the page.
     *
     * @throws UncheckedIOException naming the file and the way out
     */
    public void write(Path file) {
        WholeFile.write("the report", file, toHtml());
    }
}
