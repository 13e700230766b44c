package io.github.psft4j.transformer.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Text that grows by tokens which end inside characters and inside stop strings. */
class TextStreamTest {

    /** A token is a byte of UTF-8; incomplete characters decode to the replacement character, as tokenizers do. */
    private static final Detokenizer BYTES = tokens -> {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int token : tokens) {
            out.write(token);
        }
        return out.toString(StandardCharsets.UTF_8);
    };

    private static int[] bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int[] tokens = new int[utf8.length];
        for (int i = 0; i < utf8.length; i++) {
            tokens[i] = utf8[i] & 0xff;
        }
        return tokens;
    }

    @Test
    void charactersOverSeveralTokensComeWhole() {
        String text = "Grüße, 世界 😀!";
        int[] tokens = bytes("> " + text);
        TextStream stream = new TextStream(BYTES, List.of(), 2);
        StringBuilder parts = new StringBuilder();
        for (int n = 3; n <= tokens.length; n++) {
            assertFalse(stream.add(tokens, n, n == tokens.length));
            String part = stream.take(n == tokens.length);
            assertFalse(part.contains("\uFFFD"), part);
            parts.append(part);
        }
        assertEquals(text, parts.toString());
        assertEquals(text, stream.text());
    }

    @Test
    void whatMayBeginAStopStringIsHeldBackUntilItCannot() {
        TextStream stream = new TextStream(BYTES, List.of("\n\nUser:", "END"), 0);
        int[] tokens = bytes("a\n\nUse it. E\n\nUser: no");
        StringBuilder parts = new StringBuilder();
        int n = 0;
        boolean stopped = false;
        while (!stopped) {
            stopped = stream.add(tokens, ++n, false);
            String part = stream.take(false);
            parts.append(part);
            assertTrue("a\n\nUse it. E".startsWith(parts.toString()), parts.toString());
        }
        assertEquals(bytes("a\n\nUse it. E\n\nUser:").length, n);
        assertEquals("a\n\nUse it. E", stream.text());
        assertEquals("a\n\nUse it. E", parts.toString());
        assertEquals("", stream.take(true));
    }

    @Test
    void theFirstOfSeveralStopStringsInOneTokenCuts() {
        Detokenizer words = tokens -> {
            StringBuilder text = new StringBuilder();
            for (int token : tokens) {
                text.append(token == 0 ? "x" : " one STOP two HALT three");
            }
            return text.toString();
        };
        TextStream stream = new TextStream(words, List.of("HALT", "STOP"), 1);
        assertTrue(stream.add(new int[] {0, 1}, 2, false));
        assertEquals(" one ", stream.text());
    }

    @Test
    void anUnfinishedCharacterAtTheEndIsShownAsOne() {
        TextStream stream = new TextStream(BYTES, List.of(), 0);
        int[] tokens = {'o', 'k', 0xe4};
        stream.add(tokens, 2, false);
        assertEquals("ok", stream.take(false));
        stream.add(tokens, 3, true);
        assertEquals("\uFFFD", stream.take(true));
        assertEquals("ok\uFFFD", stream.text());
    }
}
