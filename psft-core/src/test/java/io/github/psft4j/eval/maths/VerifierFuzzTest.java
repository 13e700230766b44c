package io.github.psft4j.eval.maths;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random and hostile answers: no exception, and none beyond its time. {@code -Dpsft.fuzz.answers=N} sets how many. */
class VerifierFuzzTest {

    private static final int ANSWERS = Integer.getInteger("psft.fuzz.answers", 20_000);

    /** The limit of a judgement, and as much again for a step that was under way; of processor time, not of a clock. */
    private static final long MOST_NANOS = 4_000_000_000L;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static long nanos() {
        return THREADS.getCurrentThreadCpuTime();
    }

    private static final List<String> PIECES = List.of(
            "\\frac",
            "\\sqrt",
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "\\{",
            "\\}",
            "^",
            "_",
            "|",
            "!",
            "%",
            "\\boxed{",
            "\\boxed",
            "$",
            "\\$",
            ",",
            ";",
            "1",
            "23",
            "0.5",
            "1,000",
            "9999999999",
            "x",
            "y",
            "e",
            "i",
            "\\pi",
            "\\infty",
            "+",
            "-",
            "*",
            "/",
            "=",
            "<",
            "\\le",
            "\\cup",
            "\\pm",
            "\\text{",
            "cm",
            "apples",
            " and ",
            " or ",
            "\\begin{pmatrix}",
            "\\end{pmatrix}",
            "\\\\",
            "&",
            "####",
            "The answer is ",
            "\n",
            "\\log",
            "\\sin",
            "\\ln",
            "\\binom",
            "^{",
            "_{8}",
            "\\overline{3}",
            "...",
            "wait, ",
            "</think>",
            "\\",
            "\u221a",
            "\u00b2",
            "\u00bd",
            "\ud83d\ude00",
            "\u0000",
            ":",
            "1e9",
            "e-7",
            "twenty",
            "hundred",
            "million",
            "(B)",
            "mod",
            "\\left",
            "\\right",
            "\\lfloor",
            "\\rfloor",
            "~",
            " ");

    private static final List<String> GOLDS = List.of(
            "42",
            "\\frac{1}{3}",
            "3.14",
            "x^2+1",
            "\\{1,2\\}",
            "(1,2)",
            "[0,\\infty)",
            "y=2x+1",
            "B",
            "50\\%",
            "\\begin{pmatrix}1\\\\2\\end{pmatrix}",
            "2:3",
            "12\\text{ cm}",
            "even",
            "\\sqrt{2}",
            "x>1",
            "1 \\pm \\sqrt 2");

    private static final List<String> HOSTILE = List.of(
            "9^{9^{9^{9^9}}}",
            "2^{100000000}",
            "\\frac{1}{10^{5000}}^{5000}",
            "100000!",
            "3000!!!",
            "((1+\\sqrt{2})^{99999})^{99999}",
            "\\sin(10^{4000})",
            "\\exp(\\exp(\\exp(\\exp(9))))",
            "e^{e^{e^{e^{e}}}}",
            "\\ln(\\ln(\\ln(2)))",
            "\\sqrt{\\sqrt{\\sqrt{-1}}}^{i^{i}}",
            "x^{9999}-y^{9999}",
            "(x+y+z)^{4000}",
            "\\binom{3000}{1500}^{50}",
            "0/0",
            "1/(1-1)",
            "\\log_1 5",
            "\\log_0 0",
            "0^0",
            "0^{-1}",
            "\\sqrt[0]{5}",
            "1e99999",
            "0.\\overline{}",
            "_{8}",
            "\\tan 90^\\circ",
            "\\arcsin 2",
            "\\pi^{\\pi^{\\pi^{\\pi}}}",
            "10000000000000000000000000000^{0.3333333}",
            "\\gcd(10^{4000},10^{3999})");

    @Test
    void randomAnswersAreJudgedInTime() {
        Random random = new Random(20261129);
        MathVerifier verifier = new MathVerifier();
        List<String> slow = new ArrayList<>();
        for (int n = 0; n < ANSWERS; n++) {
            String text = text(random);
            String gold = random.nextInt(4) == 0 ? text(random) : GOLDS.get(random.nextInt(GOLDS.size()));
            long start = nanos();
            try {
                verifier.judge(gold, text);
            } catch (Throwable e) {
                throw new AssertionError("gold " + gold + " | answer " + text, e);
            }
            if (nanos() - start > MOST_NANOS) {
                slow.add(gold + " | " + text);
            }
        }
        assertEquals(List.of(), slow);
    }

    private static String text(Random random) {
        StringBuilder out = new StringBuilder(random.nextBoolean() ? "\\boxed{" : "");
        int pieces = random.nextInt(random.nextInt(20) == 0 ? 300 : 25);
        for (int i = 0; i < pieces; i++) {
            out.append(
                    random.nextInt(12) == 0
                            ? HOSTILE.get(random.nextInt(HOSTILE.size()))
                            : random.nextInt(30) == 0
                                    ? String.valueOf((char) random.nextInt(0x10000))
                                    : PIECES.get(random.nextInt(PIECES.size())));
        }
        return out.toString();
    }

    @Test
    void hostileFormulasAreJudgedInTime() {
        MathVerifier verifier = new MathVerifier();
        for (String gold : HOSTILE) {
            for (String answer : HOSTILE) {
                long start = nanos();
                Verdict verdict =
                        verifier.judge(gold, "\\boxed{" + answer + "}").verdict();
                assertTrue(nanos() - start < MOST_NANOS, gold + " | " + answer);
                if (gold.equals(answer)) {
                    assertEquals(Verdict.EQUAL, verdict, gold);
                }
            }
        }
    }

    @Test
    void longTextsAreReadInTime() {
        MathVerifier verifier = new MathVerifier();
        for (String piece : List.of(
                "(",
                "{",
                "\\boxed{",
                "\\frac{",
                "$",
                "1",
                "1,",
                "1 ",
                "a",
                "\\",
                "-",
                "the answer is ",
                "\\(",
                "|",
                "^",
                "wait, ",
                "\\boxed{1} and ",
                "####",
                "\\text{",
                "\n",
                "=",
                "1/",
                "\\sqrt",
                "!",
                "x y ",
                "Question: ",
                "1,000")) {
            String text = piece.repeat(200_000 / piece.length());
            long start = nanos();
            verifier.judge("42", text);
            verifier.judge("(1,2)", "\\boxed{" + text);
            verifier.judge("B", text);
            verifier.judge(text, text + " ");
            assertTrue(nanos() - start < 4 * MOST_NANOS, "'" + piece + "' repeated");
        }
    }

    @Test
    void theBudgetEndsAJudgement() {
        MathVerifier verifier = new MathVerifier(java.time.Duration.ofNanos(1));
        assertEquals(
                Verdict.TIMEOUT,
                verifier.judge("\\sqrt{2}", "\\boxed{\\sqrt{3}}").verdict());
        assertNotEquals(
                Verdict.TIMEOUT,
                new MathVerifier().judge("\\sqrt{2}", "\\boxed{\\sqrt{3}}").verdict());
    }
}
