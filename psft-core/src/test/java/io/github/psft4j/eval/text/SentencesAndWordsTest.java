package io.github.psft4j.eval.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Against nltk 3.10.4: {@code sent_tokenize} and {@code word_tokenize}, without the tokens that are signs. */
class SentencesAndWordsTest {

    private static void assertSentences(String... sentences) {
        assertEquals(List.of(sentences), Sentences.of(String.join(" ", sentences)));
    }

    @Test
    void theNextWordDecidesBehindAnAbbreviation() {
        assertSentences("He works at Acme Inc. Nobody knows why.");
        assertSentences("She met Mr. Brown.", "He left.");
        assertSentences("In the U.S.", "However, nobody asked.");
        assertSentences("In the U.S. Congress nobody asked.");
        assertSentences("Born on Jan. 5.", "He was small.");
        assertSentences("Ask J. Smith.", "He knows.");
    }

    @Test
    void dotsEndASentenceBeforeACapitalThatIsNoName() {
        assertSentences("It rained...", "Suddenly it stopped.");
        assertSentences("It rained... and stopped.");
        assertSentences("The end .", ".", ".", "of it.");
    }

    @Test
    void quotesAndBracketsCloseWithTheirSentence() {
        assertSentences("(It was late.)", "We left.");
        assertSentences("\"Go!\"", "he said.", "\u201cNo.\u201d", "She stayed.");
    }

    @Test
    void numbersAndWhatTheTableDoesNotKnowEndASentence() {
        assertSentences("1.", "Boil water.", "2.", "Add tea.");
        assertSentences("e.g.", "this, i.e.", "that");
        assertSentences("Wait.What?");
        assertEquals(List.of(), Sentences.of(" \n"));
    }

    @Test
    void cliticsAreWordsAndHyphensJoin() {
        assertEquals(List.of("DO", "N'T", "STOP", "IT", "'S", "1,000"), TreebankWords.of("DON'T STOP: IT'S 1,000."));
        assertEquals(
                List.of("I", "CAN", "NOT", "say", "HELLO", "to", "A", "B", "and", "C-D"),
                TreebankWords.of("I CANNOT say 'HELLO' to A,B and C-D.").stream()
                        .filter(word -> !word.equals("'"))
                        .toList());
        assertEquals(
                List.of("U.S.A.", "WE", "'LL", "SEE", "R", "D", "YES/NO"),
                TreebankWords.of("U.S.A. WE'LL SEE, R&D \u2014 YES/NO"));
    }

    @Test
    void languagesAreTold() {
        assertEquals(Optional.of("de"), Language.of("Der Fluss flie\u00dft langsam an der alten M\u00fchle vorbei."));
        assertEquals(Optional.of("en"), Language.of("The river runs slowly past the old mill."));
        assertEquals(Optional.empty(), Language.of("12:30"));
    }
}
