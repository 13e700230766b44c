package io.github.psft4j.reward.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.psft4j.reward.RewardFailure;
import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardRegistry;
import io.github.psft4j.reward.RewardSample;
import io.github.psft4j.reward.RewardTable;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.reward.Rewards;
import io.github.psft4j.reward.WeightedReward;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rewards that need no other process. */
@Timeout(60)
class ShippedRewardsTest {

    static RewardSample sample(String completion, String answer) {
        return sample(completion, answer, 10, false);
    }

    static RewardSample sample(String completion, String answer, int tokens, boolean truncated) {
        return new RewardSample(
                new TextNode("question"),
                completion,
                tokens,
                truncated,
                answer == null ? Map.of() : Map.of("answer", new TextNode(answer)));
    }

    private static RewardValue one(String kind, Map<String, ?> settings, RewardSample sample) throws Exception {
        try (RewardFunction function = RewardRegistry.create(kind, settings)) {
            List<RewardValue> values = function.score(List.of(sample));
            assertEquals(1, values.size());
            return values.get(0);
        }
    }

    private static double value(String kind, Map<String, ?> settings, RewardSample sample) throws Exception {
        RewardValue value = one(kind, settings, sample);
        assertTrue(value.isNumber(), value.toString());
        return value.value();
    }

    @Test
    void everyKindIsDescribed() {
        assertEquals(
                List.of("exact", "format", "http", "length", "maths", "overlong", "program", "regex", "similarity"),
                RewardRegistry.names());
        RewardRegistry.names().forEach(name -> {
            assertFalse(RewardRegistry.doc(name).isBlank());
            assertFalse(RewardRegistry.settings(name).isEmpty());
        });
    }

    @Test
    void mathsJudgesByTheVerifier() throws Exception {
        assertEquals(1, value("maths", Map.of(), sample("so \\boxed{0.5}", "\\frac12")));
        assertEquals(0, value("maths", Map.of(), sample("so \\boxed{0.6}", "\\frac12")));
        assertEquals(-1, value("maths", Map.of("wrong", -1), sample("\\boxed{3}", "#### 4")));
        assertEquals(-2, value("maths", Map.of("none", -2), sample("I do not know", "4")));
        assertEquals(
                RewardValue.State.NOT_APPLICABLE,
                one("maths", Map.of(), sample("4", " ")).state());
    }

    @Test
    void aMissingColumnIsNamedWithThoseThatThereAre() throws Exception {
        try (Rewards rewards = new Rewards(
                List.of(WeightedReward.of("maths", RewardRegistry.create("maths", Map.of("column", "solution")))))) {
            String message =
                    rewards.score(List.of(sample("4", "4"))).failures().get(0).message();
            assertTrue(message.contains("no column 'solution'; it has answer"), message);
        }
    }

    @Test
    void exactMatchesTheColumn() throws Exception {
        assertEquals(1, value("exact", Map.of(), sample(" Paris\n", "Paris")));
        assertEquals(0, value("exact", Map.of(), sample("paris", "Paris")));
        assertEquals(1, value("exact", Map.of("ignore_case", true), sample("paris", "Paris")));
    }

    @Test
    void regexFindsOrComparesItsGroup() throws Exception {
        assertEquals(1, value("regex", Map.of("pattern", "\\d+"), sample("it is 12 or so", null)));
        assertEquals(0, value("regex", Map.of("pattern", "\\d+", "whole", true), sample("it is 12", null)));
        Map<String, ?> group = Map.of("pattern", "<a>(.*?)</a>", "column", "answer");
        assertEquals(1, value("regex", group, sample("<a>1</a> <a>2</a>", "2")));
        assertEquals(0, value("regex", group, sample("<a>2</a> <a>1</a>", "2")));
        assertEquals(0, value("regex", group, sample("2", "2")));
    }

    @Test
    void aSearchThatNeverEndsIsEnded() throws Exception {
        RewardFunction regex = RewardRegistry.create("regex", Map.of("pattern", "((a|aa)+)\\2b"));
        try (Rewards rewards = new Rewards(List.of(new WeightedReward("regex", 1, Duration.ofMillis(300), regex)))) {
            RewardTable table = rewards.score(List.of(sample("a".repeat(90), null)));
            assertEquals(RewardFailure.Kind.TIMEOUT, table.failures().get(0).kind());
        }
    }

    @Test
    void formatAsksForTheTags() throws Exception {
        assertEquals(1, value("format", Map.of(), sample("<think>x</think>\n<answer>2</answer>\n", null)));
        for (String wrong : List.of(
                "<answer>2</answer><think>x</think>",
                "<think>x</think>",
                "<think>x</think> so <answer>2</answer>",
                "hm <think>x</think><answer>2</answer>",
                "<think>x</think><answer>2</answer> done",
                "<think> </think><answer>2</answer>",
                "<think>x</think><answer>2</answer><answer>3</answer>",
                "<think>x<answer>2</answer></think>",
                "")) {
            assertEquals(0, value("format", Map.of(), sample(wrong, null)), wrong);
        }
        assertEquals(1, value("format", Map.of("tags", List.of("a")), sample("<a>1</a>", null)));
    }

    @Test
    void lengthGrowsWithTheDistance() throws Exception {
        Map<String, ?> settings = Map.of("target", 100, "slack", 10);
        assertEquals(0, value("length", settings, sample("", null, 110, false)));
        assertEquals(-0.1, value("length", settings, sample("", null, 120, false)), 1e-15);
        assertEquals(-0.1, value("length", settings, sample("", null, 80, false)), 1e-15);
        assertEquals(-1, value("length", settings, sample("", null, 500, false)));
    }

    /** arXiv 2503.14476, eq. 13, with its limits of 16,384 and 4,096 tokens. */
    @Test
    void overlongIsSoftlyPunished() throws Exception {
        Map<String, ?> settings = Map.of("max_length", 20480, "buffer", 4096);
        assertEquals(0, value("overlong", settings, sample("", null, 16384, false)));
        assertEquals(-1.0 / 4096, value("overlong", settings, sample("", null, 16385, false)));
        assertEquals(-0.5, value("overlong", settings, sample("", null, 18432, false)));
        assertEquals(-1, value("overlong", settings, sample("", null, 20480, false)));
        assertEquals(-1, value("overlong", settings, sample("", null, 30000, true)));
    }

    @Test
    void similarityIsDifflibsRatio() throws Exception {
        JsonNode rows = new ObjectMapper()
                .readTree(Path.of("src/test/resources/eval/difflib.json").toFile());
        for (JsonNode row : rows) {
            double ratio = new SequenceRatio(row.get("a").asText(), row.get("b").asText()).ratio();
            assertEquals(row.get("ratio").asDouble(), ratio, 1e-15, row.toString());
        }
        assertTrue(rows.size() > 50);
    }

    @Test
    void similarityTakesTagAndDirection() throws Exception {
        Map<String, ?> settings = Map.of("tag", "reversed_text", "reverse", true);
        assertEquals(1, value("similarity", settings, sample("<reversed_text>cba</reversed_text>", "abc")));
        assertEquals(0, value("similarity", settings, sample("cba", "abc")));
        assertEquals(1, value("similarity", Map.of(), sample("abc", "abc")));
    }
}
