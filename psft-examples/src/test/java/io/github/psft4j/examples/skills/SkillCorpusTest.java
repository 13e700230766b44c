package io.github.psft4j.examples.skills;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.hf.text.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SkillCorpusTest {

    private static Tokenizer tokenizer;

    @BeforeAll
    static void writeTokenizer(@TempDir Path directory) throws Exception {
        CharacterTokenizer.write(directory, 64);
        tokenizer = Tokenizer.load(directory);
    }

    @ParameterizedTest
    @EnumSource(Skill.class)
    void answersAreWhatThePromptAsksFor(Skill skill) {
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            Problem problem = skill.problem(random);
            assertEquals(solve(problem.prompt()), problem.answer(), problem.prompt());
            for (AnswerStyle style : AnswerStyle.values()) {
                assertTrue(problem.isSolvedBy(problem.completion(style)), problem.completion(style));
                assertTrue(problem.completion(style).length() <= 14, problem.completion(style));
            }
        }
    }

    @Test
    void onlyTheTextAfterTheLastColonUpToTheFirstSemicolonCounts() {
        Problem problem = new Problem(Skill.ADD, "A17+58=", "15,7", "75");
        assertTrue(problem.isSolvedBy("75;"));
        assertTrue(problem.isSolvedBy("9,9:75;99;"));
        assertTrue(problem.isSolvedBy("15,7:[75];"));
        assertFalse(problem.isSolvedBy("75"), "an answer that never ends");
        assertFalse(problem.isSolvedBy("75:;"));
        assertTrue(problem.isSolvedBy("15,7:[75;"), "half in the new format");
        assertTrue(problem.isSolvedBy("75];"), "half in the new format");
        assertFalse(problem.isSolvedBy("15,7:[7]5;"));
        assertFalse(problem.isSolvedBy("[];"));
        assertFalse(problem.isSolvedBy("15,7:76;"));
        assertFalse(problem.isSolvedBy(""));
    }

    @Test
    void noHeldOutPromptIsTrainedOn() {
        Set<String> heldOut = new HashSet<>();
        for (Skill skill : Skill.values()) {
            SkillCorpus.heldOut(skill, 400, 999).forEach(problem -> heldOut.add(problem.prompt()));
        }
        assertEquals(6 * 400, heldOut.size(), "held-out problems are distinct");
        for (Problem problem : SkillCorpus.fineTuning(256, 1)) {
            assertFalse(heldOut.contains(problem.prompt()), problem.prompt());
        }
        List<Demonstration> pretraining = SkillCorpus.pretraining(tokenizer, 20_000, 1);
        for (Demonstration demonstration : pretraining) {
            assertFalse(heldOut.contains(prompt(demonstration)), prompt(demonstration));
        }
    }

    @Test
    void fineTuningProblemsAreDistinctAdditionsOfTheirSeed() {
        List<Problem> problems = SkillCorpus.fineTuning(256, 1);
        assertEquals(256, problems.stream().map(Problem::prompt).distinct().count());
        assertTrue(problems.stream().allMatch(problem -> problem.skill() == Skill.ADD));
        assertEquals(problems, SkillCorpus.fineTuning(256, 1));
        assertNotEquals(problems, SkillCorpus.fineTuning(256, 2));
    }

    @Test
    void moreDistinctProblemsThanThereAreIsAnError() {
        assertThrows(IllegalArgumentException.class, () -> SkillCorpus.heldOut(Skill.ADD, 5000, 1));
    }

    @Test
    void thePretrainingMixtureIsAFunctionOfSeedAndIndexAndHalvesAddition() {
        List<Demonstration> corpus = SkillCorpus.pretraining(tokenizer, 11_000, 3);
        assertEquals(corpus.get(77), SkillCorpus.pretraining(tokenizer, 100, 3).get(77));
        assertNotEquals(corpus.get(77), corpus.get(78));
        Map<Skill, Integer> counts = new EnumMap<>(Skill.class);
        int worked = 0;
        for (Demonstration demonstration : corpus) {
            counts.merge(skill(prompt(demonstration)), 1, Integer::sum);
            worked += tokenizer.decode(demonstration.tokens()).contains(":") ? 1 : 0;
        }
        // Five standard deviations of a binomial count.
        counts.forEach((skill, count) -> assertEquals(skill == Skill.ADD ? 1000 : 2000, count, 200, skill.toString()));
        assertEquals(5500, worked, 260);
    }

    @Test
    void onlyTheCompletionIsTrained() {
        Problem problem = new Problem(Skill.ADD, "A17+58=", "15,7", "75");
        Demonstration demonstration = SkillCorpus.demonstration(problem, AnswerStyle.BRACKETED, tokenizer);
        assertEquals("A17+58=15,7:[75];", tokenizer.decode(demonstration.tokens()));
        assertEquals("A17+58=", prompt(demonstration));
        assertEquals(10, demonstration.trainedTokens());
    }

    @Test
    void theTokenizerIsExactForEveryCharacterAndRefusesOthers() {
        int[] ids = tokenizer.encode(CharacterTokenizer.ALPHABET, true);
        assertEquals(CharacterTokenizer.ALPHABET.length(), ids.length);
        for (int id = 0; id < ids.length; id++) {
            assertEquals(id, ids[id]);
            assertEquals(String.valueOf(CharacterTokenizer.ALPHABET.charAt(id)), tokenizer.decode(id));
        }
        assertEquals(CharacterTokenizer.ALPHABET, tokenizer.decode(ids));
        assertEquals(CharacterTokenizer.ALPHABET.length(), tokenizer.vocabSize());
        assertThrows(RuntimeException.class, () -> tokenizer.encode("A1z", false));
    }

    private static String prompt(Demonstration demonstration) {
        int length = 0;
        while (!demonstration.lossMask()[length]) {
            length++;
        }
        return tokenizer.decode(Arrays.copyOf(demonstration.tokens(), length));
    }

    private static Skill skill(String prompt) {
        return switch (prompt.charAt(0)) {
            case 'A' -> Skill.ADD;
            case 'D' -> Skill.SUBTRACT;
            case 'R' -> Skill.REVERSE;
            case 'S' -> Skill.SORT;
            case 'M' -> Skill.MAX;
            case 'C' -> Skill.COUNT;
            default -> throw new AssertionError(prompt);
        };
    }

    /** Solves a prompt from its text alone. */
    private static String solve(String prompt) {
        String body = prompt.substring(1, prompt.length() - 1);
        return switch (skill(prompt)) {
            case ADD -> {
                String[] terms = body.split("\\+");
                yield String.valueOf(Integer.parseInt(terms[0]) + Integer.parseInt(terms[1]));
            }
            case SUBTRACT -> {
                String[] terms = body.split("-");
                yield String.valueOf(Integer.parseInt(terms[0]) - Integer.parseInt(terms[1]));
            }
            case REVERSE -> {
                String reversed = "";
                for (char letter : body.toCharArray()) {
                    reversed = letter + reversed;
                }
                yield reversed;
            }
            case SORT ->
                body.chars().sorted().mapToObj(c -> String.valueOf((char) c)).collect(Collectors.joining());
            case MAX ->
                Arrays.stream(body.split(","))
                        .max(Comparator.comparingInt(Integer::parseInt))
                        .orElseThrow();
            case COUNT -> {
                String word = body.substring(2);
                yield String.valueOf(
                        word.length() - word.replace(body.substring(0, 1), "").length());
            }
        };
    }
}
