package io.github.psft4j.eval.maths;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The verifier against labelled answers. Another table is named by {@code -Dpsft.golden.verification=FILE}: lines of
 * {@code {"gold", "answer", "correct"}}, perhaps with {@code category}, {@code rule} and {@code math_verify}.
 */
class VerifierTableTest {

    private static final Logger LOG = LoggerFactory.getLogger(VerifierTableTest.class);
    private static final double WANTED = 0.98;

    @Test
    void atLeast98PercentOfTheLabelledRowsAreRight() throws IOException {
        Path table = Path.of(
                System.getProperty("psft.golden.verification", "src/test/resources/eval/maths/verification.jsonl"));
        ObjectMapper json = new ObjectMapper();
        MathVerifier verifier = new MathVerifier();
        List<String> disagreements = new ArrayList<>();
        int rows = 0;
        int peer = 0;
        int judgedByPeer = 0;
        for (String line : Files.readAllLines(table)) {
            if (line.isBlank()) {
                continue;
            }
            JsonNode row = json.readTree(line);
            boolean label = row.get("correct").asBoolean();
            String gold = row.get("gold").asText();
            String text = row.get("answer").asText();
            Judgement judgement = verifier.judge(gold, text);
            rows++;
            if (judgement.isEqual() != label) {
                disagreements.add(row.path("category").asText() + " ["
                        + row.path("rule").asText() + "] gold " + gold
                        + " | " + text.replace("\n", "\\n") + " | label " + label + ", verdict " + judgement.verdict()
                        + " on '" + judgement.answer() + "'");
            }
            if (row.path("math_verify").isBoolean()) {
                judgedByPeer++;
                peer += row.get("math_verify").asBoolean() == label ? 1 : 0;
            }
        }
        int right = rows - disagreements.size();
        LOG.info("{}: {} of {} right; math-verify: {} of {}", table, right, rows, peer, judgedByPeer);
        disagreements.forEach(d -> LOG.info("disagrees with the label: {}", d));
        assertTrue(rows > 0, "no rows in " + table);
        assertTrue(right >= WANTED * rows, right + " of " + rows + " right:\n" + String.join("\n", disagreements));
    }

    /** Pairs of all kinds, written before the table was seen. */
    @Test
    void ownPairsAreJudgedAsWritten() throws IOException {
        MathVerifier verifier = new MathVerifier();
        List<String> wrong = new ArrayList<>();
        List<String> lines = Files.readAllLines(Path.of("src/test/resources/eval/maths/pairs.tsv"));
        for (String line : lines) {
            String[] p = line.split("\t", -1);
            Judgement judgement = verifier.judge(p[1], p[2]);
            if (!judgement.verdict().name().equals(p[3])) {
                wrong.add(line + " | was " + judgement);
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(lines.size() >= 150, "only " + lines.size() + " pairs");
    }

    /** Equality has no direction, but for decimals of the gold answer that stand for a rounded number. */
    @Test
    void equalityIsSymmetric() throws IOException {
        MathVerifier verifier = new MathVerifier();
        List<String> oneWay = new ArrayList<>();
        int pairs = 0;
        for (String line : Files.readAllLines(Path.of("src/test/resources/eval/maths/pairs.tsv"))) {
            String[] p = line.split("\t", -1);
            boolean text = p[2].isBlank()
                    || p[2].contains("\\boxed")
                    || p[2].matches("(?s).*([a-z]{3,} [a-z]|[a-z]\\.$|#### |It is ).*");
            boolean rounded = p[0].equals("decimals") || p[3].equals("DIFFERENT") && p[2].matches("\\d*\\.\\d+");
            boolean directed = p[0].equals("extraction") || p[0].equals("choice") || p[0].equals("words");
            if (text || rounded || directed) {
                continue;
            }
            pairs++;
            Verdict one = verifier.compare(p[1], p[2]);
            Verdict other = verifier.compare(p[2], p[1]);
            if (one != other) {
                oneWay.add(p[1] + " | " + p[2] + ": " + one + ", " + other);
            }
        }
        assertEquals(List.of(), oneWay);
        assertTrue(pairs > 80, "only " + pairs + " pairs");
    }
}
