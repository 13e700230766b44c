package io.github.psft4j.eval.overlap;

import io.github.psft4j.data.RawRows;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.io.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The texts of evaluation data, indexed. Equal texts of several rows are one. Only these are kept in memory. */
final class EvaluationTexts {

    /** Words that a run of shared words has at least. */
    static final int RUN = 8;

    /** Characters of the pieces that are indexed. */
    static final int PIECE = 25;

    /**
     * Of so many neighbouring pieces the one with the least hash is indexed. So 50 shared characters hold one of them,
     * and equal sentences of two texts have the same (winnowing; Schleimer, Wilkerson and Aiken 2003).
     */
    private static final int NEIGHBOURS = 26;

    private static final int FEWEST_WORDS = 3;

    /**
     * One text.
     *
     * @param normal see {@link NormalText}
     * @param words numbers of its words
     * @param column of the first row with it
     * @param rows numbers of the rows with it
     */
    record Text(String normal, int[] words, String column, List<Integer> rows) {}

    final List<Text> texts = new ArrayList<>();
    final List<String> locations = new ArrayList<>();
    final Map<Path, Integer> rowsOfFiles = new LinkedHashMap<>();
    final List<Path> fileOfRow = new ArrayList<>();
    final PlaceIndex runs = new PlaceIndex();
    final PlaceIndex pieces = new PlaceIndex();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<String, Integer> byNormal = new HashMap<>();

    EvaluationTexts(List<Path> paths, Collection<String> columns) {
        try (RawRows rows = RawRows.open(paths)) {
            while (rows.hasNext()) {
                RawRow row = rows.next();
                int number = locations.size();
                locations.add(row.location());
                fileOfRow.add(row.file());
                rowsOfFiles.merge(row.file(), 1, Integer::sum);
                requireColumn(row, columns);
                RowTexts.each(row, columns, (column, text) -> add(number, column, text));
            }
        }
        for (int id = 0; id < texts.size(); id++) {
            countPieces(id);
        }
    }

    /** Refuses data in which there is nothing to be found. */
    void requireText(Collection<String> columns) {
        if (texts.isEmpty()) {
            throw new DataFormatException("the evaluation data "
                    + Shown.few(
                            rowsOfFiles.keySet().stream().map(Path::toString).toList())
                    + " hold no text of three words or more"
                    + (columns.isEmpty() ? "" : " in the columns " + String.join(", ", columns)));
        }
    }

    private static void requireColumn(RawRow row, Collection<String> columns) {
        if (!columns.isEmpty() && columns.stream().noneMatch(row.fields()::has)) {
            List<String> names = new ArrayList<>();
            row.fields().fieldNames().forEachRemaining(names::add);
            throw new DataFormatException(row.location() + ": none of the columns " + String.join(", ", columns)
                    + " is there; the row has " + Shown.few(names));
        }
    }

    private void add(int row, String column, String text) {
        String normal = NormalText.of(text);
        String[] words = NormalText.words(normal);
        if (words.length < FEWEST_WORDS) {
            return;
        }
        Integer known = byNormal.get(normal);
        if (known != null) {
            List<Integer> rows = texts.get(known).rows();
            if (rows.get(rows.size() - 1) != row) {
                rows.add(row);
            }
            return;
        }
        int id = texts.size();
        byNormal.put(normal, id);
        int[] ids = Arrays.stream(words)
                .mapToInt(w -> numbers.computeIfAbsent(w, n -> numbers.size()))
                .toArray();
        texts.add(new Text(normal, ids, column, new ArrayList<>(List.of(row))));
        for (int i = 0; i + RUN <= ids.length; i++) {
            runs.add(hash(ids, i), id, i);
        }
        if (normal.length() >= PIECE + NEIGHBOURS - 1) {
            addPieces(RollingHash.all(normal), id);
        }
    }

    private void addPieces(long[] hashes, int id) {
        int least = -1;
        for (int end = NEIGHBOURS; end <= hashes.length; end++) {
            int before = least;
            least = least < end - NEIGHBOURS ? end - NEIGHBOURS : least;
            for (int i = least == before ? end - 1 : least + 1; i < end; i++) {
                least = hashes[i] <= hashes[least] ? i : least;
            }
            if (least != before) {
                pieces.add(hashes[least], id, least);
            }
        }
    }

    private void countPieces(int id) {
        int[] words = texts.get(id).words();
        for (int i = 0; i + RUN <= words.length; i++) {
            runs.count(hash(words, i), id);
        }
        for (long hash : RollingHash.all(texts.get(id).normal())) {
            pieces.count(hash, id);
        }
    }

    /** The numbers of the words of a training text, -1 for those that no evaluation text has. */
    int[] numbers(String[] words) {
        return Arrays.stream(words).mapToInt(w -> numbers.getOrDefault(w, -1)).toArray();
    }

    /** The text that is equal to a whole one, null if there is none. */
    Integer equal(String normal) {
        return byNormal.get(normal);
    }

    static long hash(int[] words, int from) {
        long hash = 0;
        for (int i = from; i < from + RUN; i++) {
            hash = hash * 0x9E3779B97F4A7C15L + words[i] + 1;
        }
        return hash;
    }
}
