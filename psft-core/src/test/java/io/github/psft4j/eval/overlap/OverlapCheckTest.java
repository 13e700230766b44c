package io.github.psft4j.eval.overlap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.rows.DataFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverlapCheckTest {

    /** Twenty words. */
    private static final String QUESTION = "A baker sells forty loaves each morning, and half as many each evening;"
            + " how many loaves are sold in one week?";

    @TempDir
    Path dir;

    private Path rows(String name, List<Map<String, ?>> rows) throws IOException {
        ObjectMapper json = new ObjectMapper();
        StringBuilder lines = new StringBuilder();
        for (Map<String, ?> row : rows) {
            lines.append(json.writeValueAsString(row)).append('\n');
        }
        return Files.writeString(dir.resolve(name), lines);
    }

    private Map<String, Set<OverlapKind>> kinds(List<Map<String, ?>> training, List<Map<String, ?>> evaluation)
            throws IOException {
        Map<String, Set<OverlapKind>> found = new TreeMap<>();
        new OverlapCheck(List.of(rows("eval.jsonl", evaluation)), List.of())
                .run(
                        List.of(rows("train.jsonl", training)),
                        overlap -> found.put(
                                overlap.evaluation() + " in "
                                        + overlap.training().replaceAll(".*:", ""),
                                overlap.kinds()));
        return found.entrySet().stream()
                .collect(Collectors.toMap(
                        e -> e.getKey().replaceAll("\\S*:(\\d+)\\]", "$1").replace("[", ""),
                        Map.Entry::getValue,
                        (a, b) -> a,
                        TreeMap::new));
    }

    @Test
    void plantedOverlapsAreFoundAndNothingElse() throws IOException {
        List<Map<String, ?>> training = List.of(
                Map.of("prompt", QUESTION.toUpperCase().replace(",", " -- "), "answer", "420"),
                Map.of(
                        "messages",
                        List.of(Map.of(
                                "role",
                                "user",
                                "content",
                                "Once, a baker sells forty loaves each morning and half as many each"
                                        + " evening, they say."))),
                Map.of(
                        "text",
                        "a baker sells forty loaves each morning and then many each evening how many loaves are"
                                + " sold nowhere"),
                Map.of("text", "the bread: half as many each evening; how many loaves are gone"),
                Map.of("text", "many each evening how many loaves are"), // seven words
                Map.of("text", "Half a baker's loaves are sold in one morning."));
        Map<String, Set<OverlapKind>> found = kinds(
                training,
                List.of(
                        Map.of("question", "What is the capital of France, in one word?"),
                        Map.of("question", QUESTION, "answer", "420")));
        assertEquals(
                Map.of(
                        "2 in 1", EnumSet.allOf(OverlapKind.class),
                        "2 in 2",
                                EnumSet.of(
                                        OverlapKind.THIRTEEN_WORDS,
                                        OverlapKind.EIGHT_WORDS,
                                        OverlapKind.FIFTY_CHARACTERS),
                        "2 in 3", EnumSet.of(OverlapKind.EIGHT_WORDS)),
                found);
    }

    /** Against a search of every place with every place. */
    @Test
    void countsAreThoseOfASearchOfAllPlaces() throws IOException {
        Random random = new Random(8);
        List<String> words =
                IntStream.range(0, 60).mapToObj(i -> "w" + i * 7919 % 1000).toList();
        List<List<String>> evaluation = texts(random, words, 40);
        List<List<String>> training = texts(random, words, 120);
        for (List<String> text : training) { // with pieces of the evaluation texts
            List<String> from = evaluation.get(random.nextInt(evaluation.size()));
            int start = random.nextInt(from.size());
            int end = Math.min(from.size(), start + random.nextInt(20));
            text.addAll(random.nextInt(text.size()), from.subList(start, end));
        }
        Set<String> expected = new TreeSet<>();
        for (int e = 0; e < evaluation.size(); e++) {
            for (int t = 0; t < training.size(); t++) {
                Set<OverlapKind> kinds = bruteForce(evaluation.get(e), training.get(t));
                if (!kinds.isEmpty()) {
                    expected.add((e + 1) + " in " + (t + 1) + " " + kinds);
                }
            }
        }
        Set<String> found = new TreeSet<>();
        kinds(asRows(training), asRows(evaluation)).forEach((places, kinds) -> found.add(places + " " + kinds));
        assertEquals(expected, found);
        assertTrue(expected.size() > 30, expected.size() + " overlaps");
    }

    private static List<List<String>> texts(Random random, List<String> words, int count) {
        List<List<String>> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(random.ints(10 + random.nextInt(30), 0, words.size())
                    .mapToObj(words::get)
                    .collect(Collectors.toCollection(ArrayList::new)));
        }
        return texts;
    }

    private static List<Map<String, ?>> asRows(List<List<String>> texts) {
        return texts.stream()
                .<Map<String, ?>>map(t -> Map.of("t", String.join(", ", t)))
                .toList();
    }

    private static Set<OverlapKind> bruteForce(List<String> evaluation, List<String> training) {
        int longest = 0;
        Set<Integer> covered = new TreeSet<>();
        for (int e = 0; e < evaluation.size(); e++) {
            for (int t = 0; t < training.size(); t++) {
                int n = 0;
                while (e + n < evaluation.size()
                        && t + n < training.size()
                        && evaluation.get(e + n).equals(training.get(t + n))) {
                    n++;
                }
                longest = Math.max(longest, n);
                for (int i = 0; n >= 8 && i < n; i++) {
                    covered.add(e + i);
                }
            }
        }
        String text = String.join(" ", evaluation);
        String other = String.join(" ", training);
        boolean fifty =
                IntStream.rangeClosed(0, text.length() - 50).anyMatch(i -> other.contains(text.substring(i, i + 50)));
        Set<OverlapKind> kinds = EnumSet.noneOf(OverlapKind.class);
        kinds.addAll(longest == evaluation.size() ? List.of(OverlapKind.EXACT) : List.of());
        kinds.addAll(longest >= 13 ? List.of(OverlapKind.THIRTEEN_WORDS) : List.of());
        kinds.addAll(2 * covered.size() >= evaluation.size() ? List.of(OverlapKind.EIGHT_WORDS) : List.of());
        kinds.addAll(fifty ? List.of(OverlapKind.FIFTY_CHARACTERS) : List.of());
        return kinds;
    }

    /** The sentence that ends every prompt of a set must not make all of its rows overlap. */
    @Test
    void whatStandsInManyEvaluationTextsIsLeftOutAndCounted() throws IOException {
        String ending = " Please reason step by step, and put your final answer within a box at the end.";
        List<Map<String, ?>> evaluation = IntStream.range(0, 11)
                .<Map<String, ?>>mapToObj(i -> Map.of("prompt", "Question number " + i + i * i + "?" + ending))
                .toList();
        Path training = rows("train.jsonl", List.of(Map.of("prompt", "What is a prime number?" + ending)));
        OverlapReport report = new OverlapCheck(List.of(rows("eval.jsonl", evaluation)), List.of())
                .run(List.of(training), overlap -> {});
        assertEquals(0, report.overlapping());
        assertTrue(report.leftOut() > 0);
    }

    /** The run counts from its beginning, even if it begins with words that stand in many texts. */
    @Test
    void aRunMayBeginWithWhatStandsInManyTexts() throws IOException {
        String opening = "Please answer the following question about bread as well as you can:";
        List<Map<String, ?>> evaluation = IntStream.range(0, 11)
                .<Map<String, ?>>mapToObj(i -> Map.of("prompt", opening + " who bakes loaf number" + i + "?"))
                .toList();
        Path training = rows("train.jsonl", List.of(Map.of("prompt", opening + " who bakes loaf number7?")));
        List<Overlap> found = new ArrayList<>();
        new OverlapCheck(List.of(rows("eval.jsonl", evaluation)), List.of()).run(List.of(training), found::add);
        assertEquals(1, found.size());
        assertEquals(16, found.get(0).words());
        assertTrue(found.get(0).kinds().contains(OverlapKind.EXACT));
    }

    @Test
    void aTextOfSeveralRowsCountsForEachOfThem() throws IOException {
        Path training = rows("train.jsonl", List.of(Map.of("prompt", QUESTION), Map.of("ids", List.of(1, 2))));
        Path evaluation =
                rows("eval.jsonl", List.of(Map.of("q", QUESTION), Map.of("q", QUESTION), Map.of("q", "x y z")));
        OverlapReport report = new OverlapCheck(List.of(evaluation), List.of("q")).run(List.of(training), o -> {});
        assertEquals(2, report.overlapping());
        assertEquals(3, report.rows());
        assertEquals(1, report.overlappingTrainingRows());
        assertEquals(1, report.rowsWithoutText());
        assertEquals(1, report.examples().size());
    }

    @Test
    void aColumnThatIsNotThereIsNamed() throws IOException {
        Path evaluation = rows("eval.jsonl", List.of(Map.of("question", QUESTION)));
        DataFormatException e = assertThrows(
                DataFormatException.class, () -> new OverlapCheck(List.of(evaluation), List.of("problem")));
        assertTrue(
                e.getMessage().contains("eval.jsonl:1: none of the columns problem is there; the row has question"),
                e.getMessage());
    }
}
