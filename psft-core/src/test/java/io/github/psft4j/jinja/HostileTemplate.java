package io.github.psft4j.jinja;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.FuzzBounds;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/** Templates whose bytes are anything: what fuzzing executes and {@link HostileTemplateTest} replays. */
final class HostileTemplate {

    /** Small ones, so that what escapes them shows in a template of some kilobytes. */
    private static final Limits LIMITS = new Limits(20_000, 1 << 14, 1 << 18, 20);

    /**
     * Of the limits above: 64 bytes of heap for every character, one kilobyte for every step, and what parsing takes.
     */
    private static final long MAX_BYTES = 64L * (1 << 18) + 1024L * 20_000 + (32 << 20);

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-07T12:34:56Z"), ZoneOffset.UTC);

    private static final Map<String, Object> CALL =
            Map.of("name", "f", "arguments", Map.of("x", 1, "y", List.of(1.5, true)));

    private static final Map<String, Object> VARIABLES = Map.of(
            "messages",
            List.of(
                    Map.of("role", "system", "content", "s"),
                    Map.of("role", "user", "content", "What is 1 + 1? \u00e4\ud83d\ude00"),
                    Map.of(
                            "role",
                            "assistant",
                            "content",
                            "<think>\nx\n</think>\n2 ",
                            "tool_calls",
                            List.of(Map.of("type", "function", "function", CALL)))),
            "bos_token",
            "<s>",
            "eos_token",
            "</s>",
            "add_generation_prompt",
            true,
            "tools",
            List.of(Map.of("type", "function", "function", CALL)));

    private HostileTemplate() {}

    /**
     * Parses and renders.
     *
     * @return whether it was neither refused nor failed nor used too much
     */
    static boolean render(byte[] bytes) throws Exception {
        boolean[] rendered = new boolean[1];
        String source = new String(bytes, StandardCharsets.UTF_8);
        FuzzBounds.within(MAX_BYTES, () -> {
            try {
                Template.Result result = Template.parse(source).render(VARIABLES, CLOCK, LIMITS);
                assertTrue(result.text().length() <= LIMITS.textLength());
                for (Template.Span span : result.spans()) {
                    assertTrue(0 <= span.start() && span.end() <= result.text().length(), span.toString());
                }
                rendered[0] = true;
            } catch (TemplateException e) {
                assertTrue(e.getMessage() != null);
            }
        });
        return rendered[0];
    }
}
