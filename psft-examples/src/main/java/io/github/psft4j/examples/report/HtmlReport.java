package io.github.psft4j.examples.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The comparison as one HTML file that needs nothing else: no script, no font, no picture, no address. It follows the
 * reader's light or dark setting and fits a phone.
 */
public final class HtmlReport {

    private static final String STYLE = """
            :root { color-scheme: light dark; --ground: #fff; --text: #1c1917; --faint: #57534e; --line: #e7e5e4;
              --sft: #c2410c; --psft: #0369a1; }
            @media (prefers-color-scheme: dark) { :root { --ground: #171717; --text: #f5f5f4; --faint: #a8a29e;
              --line: #404040; --sft: #fb923c; --psft: #38bdf8; } }
            * { box-sizing: border-box; }
            body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 66rem; background: var(--ground);
              color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
            h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
            h2 { font-size: 1.1rem; margin: 2.25rem 0 .5rem; }
            .faint { color: var(--faint); font-size: .875rem; }
            .scroll { overflow-x: auto; }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9375rem; }
            .results { width: 100%; }
            th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; }
            .results td:not(:first-child), .results th:not(:first-child) { text-align: right; white-space: nowrap; }
            .plots { display: grid; gap: 1.5rem 2rem;
              grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
            figure { margin: 0; }
            figcaption { font-weight: 600; font-size: .9375rem; }
            figcaption span { font-weight: 400; color: var(--faint); }
            svg { width: 100%; height: auto; display: block; }
            svg text { fill: var(--faint); font: 12px system-ui, sans-serif; }
            .grid { stroke: var(--line); } .axis { stroke: var(--faint); }
            polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
            polyline.dashed { stroke-width: 1.5; stroke-dasharray: 4 3; }
            polyline.sft { stroke: var(--sft); } polyline.psft { stroke: var(--psft); }
            circle.sft { fill: var(--sft); } circle.psft { fill: var(--psft); }
            .key { margin-right: 1rem; white-space: nowrap; font-size: .875rem; }
            .key i { display: inline-block; width: 1.5rem; border-top: 3px solid; margin-right: .35rem;
              vertical-align: middle; }
            .key i.dashed { border-top: 2px dashed; }
            .key i.sft { border-color: var(--sft); } .key i.psft { border-color: var(--psft); }
            """;

    private HtmlReport() {}

    /** Writes the report of {@code comparison} to {@code file}. */
    public static void write(Comparison comparison, Path file) throws IOException {
        Files.writeString(file, page(comparison));
    }

    /** The page. */
    static String page(Comparison comparison) {
        StringBuilder page = new StringBuilder();
        page.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<title>psft4j: SFT and PSFT on the skill testbed</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n<h1>SFT and PSFT on the skill testbed</h1>\n")
                .append("<p class=\"faint\">A character-level model that knows six skills is fine-tuned on additions")
                .append(" written in a format that is new to it. Both runs have the same base model, data, order and")
                .append(" learning rate.</p>\n");
        page.append("<h2>Results</h2>\n");
        results(page, new ResultTable(comparison).rows());
        page.append("<h2>What the numbers say</h2>\n");
        for (String paragraph : new Commentary(comparison).paragraphs()) {
            page.append("<p>").append(Html.text(paragraph)).append("</p>\n");
        }
        page.append("<h2>On the way</h2>\n<div class=\"plots\">\n");
        Chart.of(comparison).forEach(chart -> figure(page, chart));
        page.append("</div>\n<h2>Settings</h2>\n");
        pairs(page, comparison.settings());
        page.append("<h2>Environment</h2>\n");
        pairs(page, comparison.environment());
        return page.append("</body>\n</html>\n").toString();
    }

    private static void results(StringBuilder page, List<ResultTable.Row> rows) {
        page.append("<div class=\"scroll\"><table class=\"results\">\n<thead>");
        row(page, ResultTable.HEADING, "th");
        page.append("</thead>\n<tbody>\n");
        rows.forEach(row -> row(page, row, "td"));
        page.append("</tbody>\n</table></div>\n<p class=\"faint\">")
                .append(Html.text(ResultTable.LEGEND))
                .append("</p>\n");
    }

    private static void row(StringBuilder page, ResultTable.Row row, String element) {
        page.append("<tr>");
        for (String cell : row.cells()) {
            page.append('<').append(element).append('>').append(Html.text(cell));
            page.append("</").append(element).append('>');
        }
        page.append("</tr>\n");
    }

    private static void figure(StringBuilder page, Chart chart) {
        page.append("<figure><figcaption>")
                .append(Html.escape(chart.title()))
                .append(" <span>(")
                .append(Html.escape(chart.unit()))
                .append(")</span></figcaption>")
                .append(SvgChart.of(chart))
                .append("<div>");
        for (Chart.Line line : chart.drawable()) {
            page.append("<span class=\"key\"><i class=\"")
                    .append(SvgChart.cssClass(line))
                    .append("\"></i>");
            page.append(Html.escape(line.name())).append("</span>");
        }
        page.append("</div></figure>\n");
    }

    private static void pairs(StringBuilder page, Map<String, String> pairs) {
        page.append("<div class=\"scroll\"><table>\n");
        pairs.forEach((name, value) -> page.append("<tr><th>")
                .append(Html.escape(name))
                .append("</th><td>")
                .append(Html.escape(value))
                .append("</td></tr>\n"));
        page.append("</table></div>\n");
    }
}
