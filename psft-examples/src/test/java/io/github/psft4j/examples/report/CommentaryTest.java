package io.github.psft4j.examples.report;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.examples.report.SyntheticRuns.Outcome;
import org.junit.jupiter.api.Test;

class CommentaryTest {

    private static final Outcome CALM = new Outcome(0.83, 0.47, 0.132, 0.080, 0.008, 0.02);
    private static final Outcome ROUGH = new Outcome(0.70, 0.40, 0.148, 0.045, 1.08, 0.02);

    @Test
    void swappedNumbersSwapEveryStatement() {
        String forward = text(ROUGH, CALM);
        String swapped = text(CALM, ROUGH);
        assertAll(
                () -> assertTrue(forward.contains("PSFT solves more"), forward),
                () -> assertTrue(swapped.contains("SFT solves more") && !swapped.contains("PSFT solves more"), swapped),
                () -> assertTrue(forward.contains("PSFT's is lower"), forward),
                () -> assertTrue(swapped.contains("SFT's is lower") && !swapped.contains("PSFT's is lower"), swapped),
                () -> assertTrue(forward.contains("PSFT keeps more"), forward),
                () -> assertTrue(swapped.contains("SFT keeps more") && !swapped.contains("PSFT keeps more"), swapped),
                () -> assertTrue(forward.contains("agrees with the paper's claim"), forward),
                () -> assertTrue(swapped.contains("opposite of the paper's claim"), swapped),
                () -> assertTrue(forward.contains("lower with PSFT by a factor of 135.0"), forward),
                () -> assertTrue(swapped.contains("lower with SFT by a factor of 135.0"), swapped));
    }

    @Test
    void equalRunsAreReportedAsEqual() {
        String text = text(CALM, CALM);
        assertFalse(text.matches("(?s).*SFT (solves|keeps) more.*"), text);
        assertFalse(text.contains("SFT's is"), text);
        assertEquals(5, text.split("do not differ on any problem", -1).length - 1, text);
        assertTrue(text.contains("about the same"), text);
    }

    @Test
    void aSmallDifferenceIsCalledNoise() {
        Outcome almost = new Outcome(0.835, 0.47, 0.132, 0.080, 0.008, 0.02);
        String text = text(CALM, almost);
        assertFalse(text.contains("solves more"), text);
        assertTrue(text.contains("do not differ beyond the noise (PSFT - SFT = +0.5 +- 0.5 points)"), text);
    }

    @Test
    void aRiseOfTheHeldOutNllIsReportedWithTheStepOfItsMinimum() {
        assertTrue(text(ROUGH, CALM).contains("SFT ends at 0.148 nats/token, up from its lowest, 0.115 at step 20."));
        Outcome falling = new Outcome(0.83, 0.47, 0.110, 0.080, 0.008, 0.02);
        assertTrue(text(falling, CALM).contains("SFT ends at 0.110 nats/token, its lowest or close to it."));
    }

    @Test
    void anIdleClipIsSaidToBeIdle() {
        Outcome idle = new Outcome(0.83, 0.47, 0.132, 0.080, 0.008, 0);
        assertTrue(text(ROUGH, idle).contains("The clip never stopped a token"));
        assertTrue(text(ROUGH, CALM).contains("The clip left 1.8 % of the trained tokens out of the gradient, 1.8 %"));
    }

    @Test
    void wrappedTextKeepsEveryWordAndTheWidth() {
        Commentary commentary = new Commentary(SyntheticRuns.comparison(ROUGH, CALM));
        String text = commentary.toText(60);
        assertTrue(text.lines().allMatch(line -> line.length() <= 60), text);
        assertEquals(String.join(" ", commentary.paragraphs()), text.strip().replaceAll("\\s+", " "));
    }

    private static String text(Outcome sft, Outcome psft) {
        return String.join("\n", new Commentary(SyntheticRuns.comparison(sft, psft)).paragraphs());
    }
}
