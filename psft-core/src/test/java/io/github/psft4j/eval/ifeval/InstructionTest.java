package io.github.psft4j.eval.ifeval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InstructionTest {

    @Test
    void aPromptIsFollowedIfEveryInstructionIs() {
        InstructionPrompt prompt = InstructionPrompt.of(
                List.of("punctuation:no_comma", "length_constraints:number_words"),
                List.of(Map.of(), Map.of("relation", "less than", "num_words", 6)));
        InstructionVerdicts both = prompt.judge("A short answer.");
        assertTrue(both.allStrict());
        InstructionVerdicts one = prompt.judge("Sure, here it is:\nA short answer.");
        assertEquals(List.of(false, false), one.strict());
        assertFalse(one.allStrict());
        assertTrue(one.allLoose(), "without its first line the answer follows both");
        assertFalse(prompt.judge(" \n").allLoose(), "an empty answer follows nothing");
    }

    /** The reference draws a letter by chance here, on two rows of the data set. */
    @Test
    void aSignIsCountedAsItIsGiven() {
        Instruction hashes = Instruction.of(
                "keywords:letter_frequency", Map.of("letter", "#", "let_frequency", 2, "let_relation", "at least"));
        assertTrue(hashes.isFollowed("#one #two"));
        assertFalse(hashes.isFollowed("#one two"));
    }

    @Test
    void aLanguageIsNamedTheSameEveryTime() {
        Instruction english = Instruction.of("language:response_language", Map.of("language", "en"));
        for (int i = 0; i < 20; i++) {
            assertTrue(english.isFollowed("Hello world, how are you?"));
        }
    }

    @Test
    void messagesNameInstructionArgumentAndValue() {
        assertMessage("did you mean keywords:existence?", "keywords:existance", Map.of());
        assertMessage(
                "length_constraints:number_words: kwargs has no 'relation'",
                "length_constraints:number_words",
                Map.of("num_words", 3));
        assertMessage(
                "'relation' must be 'at least' or 'less than', was at most",
                "length_constraints:number_words",
                Map.of("num_words", 3, "relation", "at most"));
        assertMessage(
                "'num_words' must be a whole number of 0 or more, was 2.5",
                "length_constraints:number_words",
                Map.of("num_words", 2.5, "relation", "at least"));
        assertMessage(
                "'keywords' must be a regular expression", "keywords:existence", Map.of("keywords", List.of("a(")));
        assertMessage("'language' must be one of", "language:response_language", Map.of("language", "English"));
        assertMessage(
                "'letter' must be one character",
                "keywords:letter_frequency",
                Map.of("letter", "ab", "let_frequency", 2, "let_relation", "at least"));
        assertMessage(
                "nth_paragraph",
                "length_constraints:nth_paragraph_first_word",
                Map.of("num_paragraphs", 2, "nth_paragraph", 3, "first_word", "so"));
        IllegalArgumentException lengths = assertThrows(
                IllegalArgumentException.class, () -> InstructionPrompt.of(List.of("punctuation:no_comma"), List.of()));
        assertTrue(lengths.getMessage().contains("1 elements, kwargs has 0"), lengths.getMessage());
    }

    private static void assertMessage(String part, String id, Map<String, Object> arguments) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Instruction.of(id, arguments));
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
