package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** What stands in a file or is its name cannot write to the terminal of whoever reads the message. */
class HarmlessMessagesTest {

    private static final String MODEL = "../psft-core/src/test/resources/models/stories260K";

    /** Bold, bell, a C1 control and an override of direction: each would change what a terminal shows. */
    private static final String BYTES = "\u001b[1m\u0007\u009b\u202e";

    /** The same for YAML, which takes no control character as it is. */
    private static final String YAML = "\\e[1m\\a\\x9b\\u202e";

    @TempDir
    Path dir;

    @ParameterizedTest
    @CsvSource({
        "a#b {}, data", // Jackson repeats the word
        "{\"a#b\": 1}, data",
        "{\"messages\": \"a#b\"}, data",
        "{\"prompt\": \"a\"} a#b, data",
        "optimizer: {lr: \"a#b\"}, config",
        "\"a#b\": 1, config",
        "optimizer: {\"a#b\": 1}, config",
        "objective: {name: \"a#b\"}, config",
        "model: {path: \"a#b\"}, config"
    })
    void contentOfAFileIsEscaped(String content, String kind) throws IOException {
        boolean data = kind.equals("data");
        Path file = Files.writeString(dir.resolve("file"), content.replace("#", data ? BYTES : YAML) + "\n");
        assertHarmless(
                data
                        ? InProcess.run("data", "inspect", file.toString(), "--model", MODEL, "--bad-rows", "error")
                        : InProcess.run("config", "validate", file.toString()));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void theNameOfAFileIsEscaped() throws IOException {
        Path named = Files.writeString(dir.resolve("a" + BYTES), "no row\n");
        assertHarmless(InProcess.run("data", "inspect", named.toString(), "--model", MODEL));
        assertHarmless(InProcess.run("config", "validate", named.toString()));
        assertHarmless(
                InProcess.run("config", "validate", dir.resolve("b" + BYTES).toString()));
        assertHarmless(InProcess.run("inspect", dir.resolve("c" + BYTES).toString(), "--verbose"));
    }

    private static void assertHarmless(InProcess.Result result) {
        String all = result.out() + result.err();
        assertFalse(all.matches("(?s).*[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202e].*"), () -> escaped(all));
        assertTrue(all.contains("\\u001b"), () -> escaped(all));
        assertEquals(2, result.code(), all);
    }

    private static String escaped(String text) {
        return text.replace("\u001b", "<ESC>");
    }

    @Test
    void rowsThatAreShownAndLinesOfTheLogAreHarmlessToo() throws IOException {
        Path file = Files.writeString(
                dir.resolve("rows.jsonl"), "{\"prompt\": \"a\", \"completion\": \"\\u001b[1m\\u009b\"}\n");
        InProcess.Result shown = InProcess.run("data", "inspect", file.toString(), "--model", MODEL);
        assertEquals(0, shown.code(), shown.err());
        assertTrue(shown.out().contains("\\u001b[1m\\u009b"), escaped(shown.out()));

        Logger root = ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("ROOT");
        ConsoleAppender<ILoggingEvent> console = (ConsoleAppender<ILoggingEvent>) root.getAppender("console");
        LoggingEvent event = new LoggingEvent(
                "", root, Level.WARN, "a" + BYTES + "\r\tb\nc", new IOException("cause " + BYTES), null);
        String line = new String(console.getEncoder().encode(event), StandardCharsets.UTF_8);
        assertTrue(line.contains("a?[1m????\tb\nc"), escaped(line));
        assertTrue(line.contains("IOException: cause ?[1m???") && line.contains("\tat "), escaped(line));
    }
}
