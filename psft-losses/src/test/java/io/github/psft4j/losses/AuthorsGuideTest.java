package io.github.psft4j.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.settings.Doc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** The objective of the author's guide compiles as it stands there, and does what it says. */
class AuthorsGuideTest {

    private static final String BEGIN = "// guide begins";
    private static final String END = "// guide ends";

    // guide begins
    @Doc("cross-entropy of unlikely tokens alone")
    public record HardTokens(
            @Doc("largest probability, in (0, 1]") double below) implements TokenObjective {
        @Override
        public String name() {
            return "hard-tokens";
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            for (int t = from; t < to; t++) {
                double keep = Math.exp(tokens.logProb(t)) < below ? 1 : 0;
                out.set(t, -keep * tokens.logProb(t), keep); // loss, coefficient of softmax - onehot
            }
        }
    }
    // guide ends

    @Test
    void guideShowsTheCodeThatIsCompiledHere() throws IOException {
        String here = Files.readString(
                Path.of("src", "test", "java", "io", "github", "psft4j", "losses", "AuthorsGuideTest.java"));
        int from = here.indexOf(BEGIN, here.indexOf(END)) + BEGIN.length(); // behind the constants
        String code = letters(here.substring(from, here.indexOf(END, from)));
        assertTrue(code.length() > 300, code);
        String guide = letters(Files.readString(Path.of("..", "docs", "objectives.md")));
        assertTrue(guide.contains(code), "docs/objectives.md does not show: " + code);
    }

    private static String letters(String text) {
        return text.replaceAll("\\s+", ""); // line breaks are the formatter's
    }

    @Test
    void theObjectiveOfTheGuideTrainsUnlikelyTokensAlone() {
        Sweeps batch = new Sweeps(1, 2, 2);
        Arrays.fill(batch.mask, 1);
        batch.logits[0] = 3; // token 0 of row 0 is likely, token 0 of row 1 has probability 1/2
        Sweeps.Result result = batch.run(new HardTokens(0.6), DataType.DOUBLE);
        assertEquals(0, result.losses()[0]);
        assertEquals(Math.log(2), result.losses()[1], 1e-12);
        assertEquals(-0.5, result.gradient()[2], 1e-12);
    }
}
