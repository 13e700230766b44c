package io.github.psft4j.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Small templates, one construct each, with what transformers 5.23 (Jinja2 3.1.6, Python 3.11) made of them:
 * {@code jinja/conformance.json} has the text, the generation spans in code points, or the error.
 */
class JinjaConformanceTest {
    private static final Path FILE = Path.of("src/test/resources/jinja/conformance.json");
    private static final String RAISED = "TemplateError: ";

    @Test
    void everySnippetRendersAsInTransformers() throws IOException {
        JsonNode root = new ObjectMapper().readTree(FILE.toFile());
        Clock clock =
                Clock.fixed(LocalDateTime.parse(root.get("now").textValue()).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
        Map<String, Object> variables = new LinkedHashMap<>(Map.of("add_generation_prompt", false));
        variables.put("tools", null);
        variables.put("documents", null);
        root.get("variables").fields().forEachRemaining(field -> variables.put(field.getKey(), field.getValue()));
        List<String> differences = new ArrayList<>();
        for (JsonNode snippet : root.get("cases")) {
            String template = snippet.get("template").textValue();
            String expected = expected(snippet);
            String actual = actual(template, variables, clock);
            if (!expected.equals(actual)) {
                differences.add(template + "\n  expected " + expected + "\n  actual   " + actual);
            }
        }
        assertTrue(root.get("cases").size() > 1500, "the file is torn");
        assertEquals("", String.join("\n", differences));
    }

    private static String expected(JsonNode snippet) {
        if (!snippet.has("error")) {
            return snippet.get("text").textValue() + snippet.path("spans");
        }
        String error = snippet.get("error").textValue();
        return error.startsWith(RAISED) ? error : "error"; // the words of Python's own errors are not part of the deal
    }

    private static String actual(String template, Map<String, Object> variables, Clock clock) {
        try {
            Template.Result result = Template.parse(template).render(variables, clock, Limits.DEFAULT);
            String spans = String.join(
                    ",",
                    result.spans().stream()
                            .map(span -> "[" + codePoints(result.text(), span.start()) + ","
                                    + codePoints(result.text(), span.end()) + "]")
                            .toList());
            return result.text() + (spans.isEmpty() ? "" : "[" + spans + "]");
        } catch (TemplateException e) {
            return e.raisedByTemplate() ? RAISED + e.getMessage() : "error";
        }
    }

    private static int codePoints(String text, int end) {
        return text.codePointCount(0, end);
    }
}
