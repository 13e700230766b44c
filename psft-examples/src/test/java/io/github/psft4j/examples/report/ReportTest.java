package io.github.psft4j.examples.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.examples.report.SyntheticRuns.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    private static final RunComparison COMPARISON = SyntheticRuns.comparison(
            new Outcome(0.70, 0.40, 0.148, 0.045, 1.08, 0), new Outcome(0.83, 0.47, 0.132, 0.080, 0.008, 0));

    @Test
    void theHtmlIsWellFormedAndEscaped() {
        String page = HtmlReport.page(COMPARISON).toHtml();
        assertTrue(page.contains("a &lt;b&gt; &amp; &quot;c&quot;"));
        for (String element : List.of("table", "tr", "td", "th", "figure", "svg", "p", "div", "span", "i", "text")) {
            int opened = page.split("<" + element + "[ >]", -1).length;
            int closed = page.split("</" + element + ">", -1).length;
            assertEquals(opened, closed, "<" + element + "> opened and closed");
        }
        assertFalse(page.contains("NaN") || page.contains("Infinity"), page);
    }

    @Test
    void everyChartBecomesAPictureEvenWhenALineHasNothingToShow(@TempDir Path directory) throws IOException {
        List<Path> files = PngPlots.write(QuickstartCharts.of(COMPARISON), directory);
        assertEquals(QuickstartCharts.of(COMPARISON).size(), files.size());
        for (Path file : files) {
            assertNotNull(ImageIO.read(file.toFile()), file + " is not a picture");
        }
    }

    @Test
    void theTableIsAlignedAsciiAndMarksOnlyWhatIsBeyondTheNoise() {
        String table = new ResultTable(COMPARISON).toText();
        assertTrue(table.chars().allMatch(c -> c == '\n' || c >= ' ' && c < 127), table);
        List<String> lines = table.lines().toList();
        int column = lines.get(0).indexOf("SFT") + "SFT".length();
        assertTrue(
                lines.stream()
                        .skip(2)
                        .allMatch(line -> Character.isDigit(line.charAt(column - 1))
                                || line.charAt(column - 1) == '%'
                                || line.startsWith("clip")),
                table);
        String addition = lines.get(2);
        assertTrue(addition.matches("addition.*70\\.0 %.*70\\.0 %.*83\\.0 %.*\\+13\\.0 \\+- 2\\.4 \\*"), addition);
        Outcome same = new Outcome(0.70, 0.40, 0.148, 0.045, 1.08, 0);
        String equal = new ResultTable(SyntheticRuns.comparison(same, same)).toText();
        assertFalse(equal.contains("*"), equal);
    }
}
