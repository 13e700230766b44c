package io.github.psft4j.eval.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.eval.maths.Verdict;
import io.github.psft4j.eval.task.JudgeKind;
import io.github.psft4j.eval.task.JudgeSettings;
import org.junit.jupiter.api.Test;

/** Judges beside their definitions. */
class JudgeTest {

    private static Verdict verdict(JudgeKind kind, String pattern, String gold, String completion) {
        return Judge.of(new JudgeSettings(kind, "answer", pattern, false))
                .judge(gold, completion)
                .verdict();
    }

    @Test
    void theLastMatchOfARegularExpressionCounts() {
        String pattern = "is ([0-9]+)";
        assertEquals(Verdict.EQUAL, verdict(JudgeKind.REGEX, pattern, "7", "It is 5. No, it is 7."));
        assertEquals(Verdict.DIFFERENT, verdict(JudgeKind.REGEX, pattern, "5", "It is 5. No, it is 7."));
        assertEquals(Verdict.NO_ANSWER, verdict(JudgeKind.REGEX, pattern, "5", "Five."));
    }

    /**
     * The time of this expression grows as Fibonacci's numbers with the length of the text: ninety would take years.
     */
    @Test
    void anExpressionThatNeverEndsIsATimeout() {
        assertEquals(Verdict.TIMEOUT, verdict(JudgeKind.REGEX, "((a|aa)+)\\2b", "a", "a".repeat(90)));
    }

    @Test
    void aLetterIsReadOutOfASentence() {
        assertEquals(Verdict.EQUAL, verdict(JudgeKind.LETTER, null, "B", "Both fit, but the answer is (B)."));
        assertEquals(Verdict.DIFFERENT, verdict(JudgeKind.LETTER, null, "A", "The answer is B."));
    }

    @Test
    void equalValuesVoteTogether() {
        Judge maths = Judge.of(new JudgeSettings(JudgeKind.MATHS, "answer", null, false));
        assertTrue(maths.same("1/2", "0.5") && maths.same("0.5", "\\frac12"));
    }
}
