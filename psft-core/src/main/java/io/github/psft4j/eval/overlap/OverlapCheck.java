package io.github.psft4j.eval.overlap;

import io.github.psft4j.data.RawRows;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.eval.overlap.PlaceIndex.Place;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Looks for texts of evaluation data in training data (contamination).
 *
 * <p>The evaluation data are indexed, the training data are read once, row by row: memory grows with the evaluation
 * data only. Every text of a row is compared on its own: each string of its columns, such as the content of a message.
 * Found places are compared letter by letter, so no overlap is a collision of hashes.
 */
public final class OverlapCheck {

    private final EvaluationTexts evaluation;

    /**
     * Reads and indexes evaluation data.
     *
     * @param paths files or directories, as for training data
     * @param columns that are compared; empty: all
     * @throws DataFormatException naming file and row, if a file or row cannot be read, a row has none of the columns,
     *     or no text has three words
     */
    public OverlapCheck(List<Path> paths, Collection<String> columns) {
        this(new EvaluationTexts(paths, columns));
        evaluation.requireText(columns);
    }

    private OverlapCheck(EvaluationTexts evaluation) {
        this.evaluation = evaluation;
    }

    /**
     * The same for all columns, or nothing if no text has three words: token ids, digits, one-word answers.
     *
     * @param paths files or directories of evaluation data
     * @throws DataFormatException naming file and row, if a file or row cannot be read
     */
    public static Optional<OverlapCheck> ofTexts(List<Path> paths) {
        EvaluationTexts texts = new EvaluationTexts(paths, List.of());
        return texts.texts.isEmpty() ? Optional.empty() : Optional.of(new OverlapCheck(texts));
    }

    /**
     * Reads training data.
     *
     * @param paths files or directories
     * @param each gets every overlap as it is found
     * @return the counts
     * @throws DataFormatException naming file and row, if a file or row cannot be read
     */
    public OverlapReport run(List<Path> paths, Consumer<Overlap> each) {
        OverlapCounts counts = new OverlapCounts(evaluation);
        try (RawRows rows = RawRows.open(paths)) {
            while (rows.hasNext()) {
                RawRow row = rows.next();
                Map<Integer, TextMatch> matches = new TreeMap<>();
                boolean[] any = new boolean[1];
                RowTexts.each(row, List.of(), (column, text) -> {
                    any[0] = true;
                    compare(NormalText.of(text), matches);
                });
                counts.row(any[0]);
                matches.forEach((id, match) -> {
                    if (!match.kinds().isEmpty()) {
                        Overlap overlap = match.at(evaluation.locations, row.location());
                        counts.add(id, overlap);
                        each.accept(overlap);
                    }
                });
            }
        }
        return counts.report();
    }

    private void compare(String normal, Map<Integer, TextMatch> matches) {
        Integer equal = evaluation.equal(normal);
        if (equal != null) {
            match(equal, matches).whole();
        }
        compareWords(evaluation.numbers(NormalText.words(normal)), matches);
        compareCharacters(normal, matches);
    }

    private TextMatch match(int id, Map<Integer, TextMatch> matches) {
        return matches.computeIfAbsent(id, i -> new TextMatch(evaluation.texts.get(i)));
    }

    private void compareWords(int[] words, Map<Integer, TextMatch> matches) {
        matches.values().forEach(TextMatch::newRuns);
        int known = 0;
        for (int end = 1; end <= words.length; end++) {
            known = words[end - 1] < 0 ? 0 : known + 1;
            if (known >= EvaluationTexts.RUN) {
                int start = end - EvaluationTexts.RUN;
                for (Place place : evaluation.runs.get(EvaluationTexts.hash(words, start))) {
                    addWords(words, start, place, matches);
                }
            }
        }
    }

    private void addWords(int[] words, int start, Place place, Map<Integer, TextMatch> matches) {
        int[] text = evaluation.texts.get(place.text()).words();
        int from = place.position();
        TextMatch match = matches.get(place.text());
        if (match != null && match.has(start, from, EvaluationTexts.RUN)) {
            return;
        }
        int length = Arrays.mismatch(words, start, words.length, text, from, text.length);
        length = length < 0 ? Math.min(words.length - start, text.length - from) : length;
        if (length < EvaluationTexts.RUN) {
            return; // the hashes agree by chance
        }
        int back = 0;
        while (back < start && back < from && words[start - back - 1] == text[from - back - 1]) {
            back++;
        }
        match(place.text(), matches).words(start - back, from - back, from + length);
    }

    private void compareCharacters(String normal, Map<Integer, TextMatch> matches) {
        matches.values().forEach(TextMatch::newRuns);
        long[] hashes = RollingHash.all(normal);
        for (int start = 0; start < hashes.length; start++) {
            for (Place place : evaluation.pieces.get(hashes[start])) {
                addCharacters(normal, start, place, matches);
            }
        }
    }

    private void addCharacters(String normal, int start, Place place, Map<Integer, TextMatch> matches) {
        String text = evaluation.texts.get(place.text()).normal();
        int from = place.position();
        TextMatch match = matches.get(place.text());
        if (match != null && match.has(start, from, EvaluationTexts.PIECE)) {
            return;
        }
        int length = 0;
        while (start + length < normal.length()
                && from + length < text.length()
                && normal.charAt(start + length) == text.charAt(from + length)) {
            length++;
        }
        if (length < EvaluationTexts.PIECE) {
            return; // the hashes agree by chance
        }
        int back = 0;
        while (back < start && back < from && normal.charAt(start - back - 1) == text.charAt(from - back - 1)) {
            back++;
        }
        match(place.text(), matches).characters(start - back, from - back, from + length);
    }
}
