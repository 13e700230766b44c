package io.github.psft4j.data;

import static io.github.psft4j.data.DataFixtures.TEMPLATE;
import static io.github.psft4j.data.DataFixtures.TOKENIZER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.encode.DropReason;
import io.github.psft4j.data.options.BadRows;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.options.Truncation;
import io.github.psft4j.data.rows.DataFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of two answers to one prompt: what they train, and what becomes of rows that are no pairs. */
class PairRowsTest {

    private static final String USER = "{'role': 'user', 'content': 'two?'}";
    private static final String YES = "{'role': 'assistant', 'content': 'yes'}";
    private static final String NO = "{'role': 'assistant', 'content': 'no no'}";

    @TempDir
    Path dir;

    private Path file(String name, String... rows) throws IOException {
        return Files.write(
                dir.resolve(name),
                Arrays.stream(rows).map(row -> row.replace('\'', '"')).toList());
    }

    private List<Demonstration> read(String... rows) throws IOException {
        return DataFixtures.read(DataOptions.builder(file("pairs.jsonl", rows)));
    }

    private String refusal(DataOptions.Builder options) {
        return assertThrows(DataFormatException.class, () -> DataFixtures.read(options))
                .getMessage();
    }

    /** Each answer is what the same prompt and completion are as a demonstration. */
    private List<Demonstration> asDemonstrations(String prompt, String chosen, String rejected) throws IOException {
        return DataFixtures.read(DataOptions.builder(file(
                "single.jsonl",
                "{'prompt': " + prompt + ", 'completion': " + chosen + "}",
                "{'prompt': " + prompt + ", 'completion': " + rejected + "}")));
    }

    @Test
    void anAnswerIsTrainedAsTheCompletionOfADemonstration() throws IOException {
        assertEquals(
                asDemonstrations("'two and two'", "' is four'", "' is five six'"),
                read("{'prompt': 'two and two', 'chosen': ' is four', 'rejected': ' is five six'}"));
        assertEquals(
                asDemonstrations("[" + USER + "]", "[" + YES + "]", "[" + NO + "]"),
                read("{'prompt': [" + USER + "], 'chosen': [" + YES + "], 'rejected': [" + NO + "]}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{'chosen': [U, Y], 'rejected': [U, N]}",
                "{'prompt': 'two?', 'chosen': [U, Y], 'rejected': [U, N]}",
                "{'prompt': 'two?', 'chosen': [Y], 'rejected': [N]}",
                "{'prompt': [U], 'chosen': [U, Y], 'rejected': [U, N]}",
                "{'conversations': [U], 'chosen': Y, 'rejected': N}",
                "{'conversations': [{'from': 'human', 'value': 'two?'}], 'chosen': {'from': 'gpt', 'value': 'yes'},"
                        + " 'rejected': {'from': 'gpt', 'value': 'no no'}}",
                "{'messages': [U, Y], 'chosen': [U, Y], 'rejected': [U, N], 'score': 1}"
            })
    void theSamePairIsReadInTheSpellingsOfOtherTools(String row) throws IOException {
        assertEquals(
                asDemonstrations("[" + USER + "]", "[" + YES + "]", "[" + NO + "]"),
                read(row.replace("U", USER).replace("Y", YES).replace("N", NO)));
    }

    @Test
    void thePromptOfTwoTextsIsWhatTheyShare() throws IOException {
        String turns = "\\n\\nHuman: two?\\n\\nAssistant:";
        assertEquals(
                asDemonstrations("'" + turns + "'", "' It is four'", "' It is five'"),
                read("{'chosen': '" + turns + " It is four', 'rejected': '" + turns + " It is five'}"),
                "the answer begins behind the turn, not where the words differ");
        assertEquals(
                asDemonstrations("'two is'", "' four'", "' six'"),
                read("{'chosen': 'two is four', 'rejected': 'two is six'}"));
    }

    @Test
    void csvAndAnArrayOfJsonHoldTheSamePairs() throws IOException {
        List<Demonstration> lines = read("{'prompt': 'a', 'chosen': ' b', 'rejected': ' c'}");
        assertEquals(
                lines, DataFixtures.read(DataOptions.builder(file("pairs.csv", "prompt,chosen,rejected", "a, b, c"))));
        assertEquals(
                lines,
                DataFixtures.read(DataOptions.builder(
                        file("array.json", "[{'prompt': 'a', 'chosen': ' b', 'rejected': ' c'}]"))));
        assertEquals(
                lines,
                DataFixtures.read(DataOptions.builder(file("named.jsonl", "{'q': 'a', 'good': ' b', 'bad': ' c'}"))
                        .column("prompt", "q")
                        .column("chosen", "good")
                        .column("rejected", "bad")));
    }

    @Test
    void rowsThatPreferNothingAreLeftOutAndCounted() throws IOException {
        Path file = file(
                "pairs.jsonl",
                "{'prompt': 'a', 'chosen': ' b', 'rejected': ' c'}",
                "{'prompt': 'a', 'chosen': ' b', 'rejected': ' b'}",
                "{'prompt': 'a', 'chosen': '', 'rejected': ' b'}",
                "{'prompt': 'a', 'chosen': ' b', 'rejected': ' '}",
                "{'prompt': 'a a a a a a a a a a a a a a', 'chosen': ' b', 'rejected': ' c'}");
        DataReport report = DataFixtures.report(DataOptions.builder(file).maxLength(8));
        assertEquals(5, report.rows());
        assertEquals(1, report.kept());
        assertEquals(2, report.sequences());
        assertEquals(1, report.dropped().get(DropReason.NO_DIFFERENCE));
        assertEquals(2, report.dropped().get(DropReason.NO_TRAINED_TOKENS));
        assertEquals(1, report.dropped().get(DropReason.TOO_LONG));
        assertEquals(report.rows(), report.kept() + report.droppedRows());
        assertTrue(report.summary().contains("1 pairs"), report.summary());
        assertTrue(
                report.firstDropped().stream()
                        .anyMatch(line -> line.contains("pairs.jsonl:2") && line.contains("a pair without difference")),
                report.firstDropped().toString());
    }

    @Test
    void aCutThatTakesTheDifferenceAwayIsNoticed() throws IOException {
        Path file = file(
                "pairs.jsonl",
                "{'prompt': 'a', 'chosen': ' b b b b b b b b b c', 'rejected': ' b b b b b b b b b d'}",
                "{'prompt': 'a', 'chosen': ' c b b b b b b b b c', 'rejected': ' d'}",
                "{'prompt': 'a a a a a a a a a a', 'chosen': ' c', 'rejected': ' d'}");
        DataOptions.Builder options = DataOptions.builder(file).maxLength(5).truncation(Truncation.KEEP_START);
        DataReport report = DataFixtures.report(options);
        assertEquals(1, report.dropped().get(DropReason.NO_DIFFERENCE));
        assertEquals(1, report.dropped().get(DropReason.NO_TRAINED_TOKENS));
        assertEquals(1, report.kept());
        assertEquals(1, report.truncated());
        assertEquals(5, DataFixtures.read(options).get(0).length());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{'prompt': 'a', 'chosen': ' b', 'rejected': [Y]} | pairs.jsonl:1: field 'rejected' is an array",
                "{'chosen': 'b', 'rejected': 'c'} | 'chosen' and 'rejected' begin differently",
                "{'chosen': [U, Y], 'rejected': [Y, N]} | 'chosen' and 'rejected' begin with different messages",
                "{'prompt': 'a', 'chosen': null, 'rejected': ' c'} | field 'chosen' is null",
                "{'prompt': 'a', 'chosen': 4, 'rejected': ' c'} | field 'chosen' is a number"
            })
    void aRowThatIsNoPairIsNamed(String row, String says) throws IOException {
        Path file = file("pairs.jsonl", row.replace("U", USER).replace("Y", YES).replace("N", NO));
        String refusal = refusal(DataOptions.builder(file));
        assertTrue(refusal.contains(says), refusal);
        assertEquals(
                "no demonstration is left of 1 rows",
                refusal(DataOptions.builder(file).badRows(BadRows.DROP)).substring(0, 34));
    }

    @Test
    void theChosenAnswerAloneIsADemonstrationIfItIsMapped() throws IOException {
        Path file = file("pairs.jsonl", "{'prompt': 'a', 'chosen': ' b', 'rejected': ' c'}");
        List<Demonstration> chosen = DataFixtures.read(DataOptions.builder(file).column("completion", "chosen"));
        assertEquals(read("{'prompt': 'a', 'chosen': ' b', 'rejected': ' c'}").subList(0, 1), chosen);
        String refusal = refusal(DataOptions.builder(file).layout(Layout.QUESTION_ANSWER));
        assertTrue(refusal.contains("'rejected' stands beside 'chosen'"), refusal);
    }

    @Test
    void labelsAreKeptAndAnythingElseIsRefused() throws IOException {
        Path file = file("labels.csv", "prompt,completion,label", "a, b,true", "a, c,False", "a, d,1", "a, e,0");
        DataOptions options =
                DataOptions.builder(file).layout(Layout.UNPAIRED_PREFERENCE).build();
        try (DemonstrationSet set = DemonstrationFiles.read(options, TOKENIZER, TEMPLATE)) {
            assertEquals(
                    List.of(1.0, 0.0, 1.0, 0.0),
                    IntStream.range(0, 4).mapToObj(set::weight).toList());
        }
        Path wrong = file("wrong.jsonl", "{'prompt': 'a', 'completion': ' b', 'label': 'good'}");
        String refusal = refusal(DataOptions.builder(wrong).layout(Layout.UNPAIRED_PREFERENCE));
        assertTrue(refusal.contains("wrong.jsonl:1: field 'label' is") && refusal.contains("good"), refusal);
    }

    @Test
    void bothAnswersAreHeldOutTogetherAndCached() throws IOException {
        String[] rows = IntStream.range(0, 20)
                .mapToObj(i -> "{'prompt': 'a" + i + "', 'chosen': ' b" + i + "', 'rejected': ' c" + i + "'}")
                .toArray(String[]::new);
        Path cache = dir.resolve("cache");
        DataOptions options =
                DataOptions.builder(file("pairs.jsonl", rows)).cacheDir(cache).build();
        try (DemonstrationSet set = DemonstrationFiles.read(options, TOKENIZER, TEMPLATE);
                DemonstrationSet cached = DemonstrationFiles.read(options, TOKENIZER, TEMPLATE)) {
            assertTrue(cached.fromCache());
            assertEquals(List.copyOf(set), List.copyOf(cached));
            assertEquals(40, set.size());
            Portions portions = Portions.of(set, 0.25, Map.of(), 7);
            assertEquals(10, portions.heldOut().size());
            assertEquals(30, portions.train().size());
            for (DemonstrationSet part : List.of(portions.heldOut(), portions.train())) {
                for (int i = 0; i < part.size(); i += 2) {
                    int at = set.indexOf(part.get(i));
                    assertEquals(0, at % 2, "a chosen answer comes first");
                    assertEquals(set.get(at + 1), part.get(i + 1), "its rejected one follows");
                }
            }
        }
    }
}
