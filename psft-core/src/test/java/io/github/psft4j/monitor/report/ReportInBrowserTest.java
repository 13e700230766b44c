package io.github.psft4j.monitor.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a real browser the page draws its curves without an error, and every switch does what it says. */
class ReportInBrowserTest {

    /** What a reader would do, and what is to be seen afterwards; appended to the page under test. */
    private static final String READER = """
            <script>
            (function () {
              function all(selector) { return document.querySelectorAll(selector); }
              function labels(id) {
                return Array.from(all('#' + id + ' svg text')).map(function (t) { return t.textContent; });
              }
              var seen = {};
              seen.figures = all('figure').length;
              seen.curves = all('figure polyline.line').length;
              seen.points = all('#nll polyline.line')[0].getAttribute('points').split(' ').length;
              var box = all('#nll polyline.line')[0].getBoundingClientRect();
              seen.drawn = box.width > 300 && box.height > 50;
              seen.colours = Array.from(all('#nll polyline.line'))
                .map(function (l) { return getComputedStyle(l).stroke; });

              var run = all('#switches button')[0];
              run.click();
              seen.hidden = all('#nll polyline.line').length + ' ' + run.getAttribute('aria-pressed');
              run.click();
              seen.shown = all('#nll polyline.line').length;

              seen.logLabels = labels('nll');
              all('#nll button.scale')[0].click();
              seen.linearLabels = labels('nll');

              var plot = all('#nll .plot')[0], rect = plot.getBoundingClientRect();
              function event(type, share) {
                plot.dispatchEvent(new PointerEvent(type, { clientX: rect.left + rect.width * share,
                  clientY: rect.top + rect.height / 2, button: 0, pointerType: 'mouse', bubbles: true }));
              }
              event('pointermove', 0.55);
              seen.tip = all('#nll .tip')[0].innerText;
              seen.cursors = all('line.cursor').length;
              event('pointerleave', 0.55);
              seen.cursorsAfter = all('line.cursor').length;

              var slider = all('#switches input')[0];
              seen.rawBefore = all('#nll polyline.raw').length;
              var before = all('#grad-norm polyline.line')[0].getAttribute('points');
              slider.value = 0.9;
              slider.dispatchEvent(new Event('input'));
              seen.rawAfter = all('#nll polyline.raw').length;
              seen.smoothed = before !== all('#grad-norm polyline.line')[0].getAttribute('points');

              event('pointerdown', 0.5);
              event('pointermove', 0.8);
              event('pointerup', 0.8);
              seen.zoomed = all('#grad-norm polyline.line')[0].getAttribute('points').split(' ').length;
              Array.from(all('#switches button')).pop().click();
              seen.whole = all('#grad-norm polyline.line')[0].getAttribute('points').split(' ').length;

              var result = document.createElement('pre');
              result.id = 'seen';
              result.textContent = JSON.stringify(seen);
              document.body.appendChild(result);
            })();
            </script>
            """;

    @Test
    void theCurvesAreDrawnAndEverySwitchWorks(@TempDir Path dir) throws Exception {
        Chromium browser = Chromium.orSkip();
        RecordedRuns.write(dir.resolve("sft"), "sft", 80);
        RecordedRuns.write(dir.resolve("psft"), "psft", 80);
        RecordedRuns.clippedToken(dir.resolve("psft"), "</script>wait");
        RunReport report = RunReport.read(List.of(dir.resolve("sft"), dir.resolve("psft")));
        Path page = dir.resolve("report.html");
        Files.writeString(page, report.page().toHtml().replace("</body>", READER + "</body>"));

        Chromium.Rendering rendering = browser.open(page, dir);
        assertEquals(List.of(), rendering.console());
        Matcher result =
                Pattern.compile("<pre id=\"seen\">(.*?)</pre>", Pattern.DOTALL).matcher(rendering.dom());
        assertTrue(result.find(), "the reader's script did not end");
        JsonNode seen = new ObjectMapper().readTree(result.group(1));
        String all = seen.toPrettyString();
        int charts = report.charts().size();
        assertEquals(charts, seen.path("figures").asInt(), all);
        assertEquals(2 * charts, seen.path("curves").asInt(), all);
        assertEquals(80, seen.path("points").asInt(), all);
        assertTrue(seen.path("drawn").asBoolean(), all);
        assertEquals(
                "[\"rgb(3, 105, 161)\",\"rgb(194, 65, 12)\"]",
                seen.path("colours").toString());
        assertEquals("1 false", seen.path("hidden").asText());
        assertEquals(2, seen.path("shown").asInt());
        assertTrue(seen.path("logLabels").toString().contains("\"0.5\",\"1\""), all);
        assertTrue(seen.path("linearLabels").toString().startsWith("[\"0\",\"0.5\",\"1\",\"1.5\""), all);
        assertTrue(seen.path("tip").asText().matches("(?s).*sft\\s+step 40\\s+0.6667.*psft\\s+step 40.*"), all);
        assertEquals(charts, seen.path("cursors").asInt(), "one pointer in every chart");
        assertEquals(0, seen.path("cursorsAfter").asInt());
        assertEquals(0, seen.path("rawBefore").asInt());
        assertEquals(2, seen.path("rawAfter").asInt());
        assertTrue(seen.path("smoothed").asBoolean());
        assertEquals(27, seen.path("zoomed").asInt(), 2, all);
        assertEquals(79, seen.path("whole").asInt(), "one norm is not finite");
    }

    @Test
    void anErrorOfAScriptIsSeen(@TempDir Path dir) throws Exception {
        Chromium browser = Chromium.orSkip();
        Path page = Files.writeString(dir.resolve("broken.html"), "<body><script>null.x</script></body>");
        assertTrue(browser.open(page, dir).console().toString().contains("Uncaught TypeError"));
    }
}
