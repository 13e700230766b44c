package io.github.psft4j.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShownTest {

    @Test
    void longValuesAreCutAndInvisibleCharactersEscaped() {
        assertEquals("a\\u000ab", Shown.brief("a\nb"));
        assertEquals("x".repeat(80), Shown.brief("x".repeat(80)));
        assertEquals("x".repeat(80) + "... (81 characters)", Shown.brief("x".repeat(81)));
        assertEquals("x".repeat(200) + "... (300 characters)", Shown.wide("x".repeat(300)));
    }

    @Test
    void aWholeTextKeepsItsLinesAndLosesWhatATerminalObeys() {
        assertEquals("a\n\tb\r\n\ud83d\ude00 \u00e9", Shown.harmless("a\n\tb\r\n\ud83d\ude00 \u00e9"));
        assertEquals("a\\u001b[1m\\u000db\\u009b\\u202e", Shown.harmless("a\u001b[1m\rb\u009b\u202e"));
        assertEquals("a\\n\\tb", Shown.oneLine("a\r\n\tb"));
    }

    @Test
    void listsShowTheirFirstTwelveItems() {
        assertEquals("nothing", Shown.few(List.of()));
        assertEquals("a, b", Shown.few(List.of("a", "b")));
        assertEquals("a, ".repeat(11) + "a, ... (13)", Shown.few(Collections.nCopies(13, "a")));
    }
}
