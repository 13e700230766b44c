package io.github.psft4j.data;

import io.github.psft4j.data.encode.DropReason;
import io.github.psft4j.data.encode.Layout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts results. Keeps four bytes per demonstration, its length. */
final class ReportBuilder {
    private static final int FIRST_DROPPED = 20;

    /** Different notes at most: more are of a data set that mixes everything. */
    private static final int MOST_NOTES = 50;

    private final List<String> files;
    private Layout layout;
    private long rows;
    private long truncated;
    private final Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
    private final List<String> firstDropped = new ArrayList<>();
    private final Map<String, String> notes = new LinkedHashMap<>();
    private long tokens;
    private long trainedTokens;
    private int[] lengths = new int[1024];
    private int kept;

    ReportBuilder(List<Path> files) {
        this.files = files.stream().map(Path::toString).toList();
        for (DropReason reason : DropReason.values()) {
            dropped.put(reason, 0L);
        }
    }

    void add(RowResult result) {
        rows++;
        layout = layout == null ? result.layout() : layout;
        result.notes().forEach(note -> note(note, result.row().location() + ": " + note));
        if (!result.kept()) {
            dropped.merge(result.dropped(), 1L, Long::sum);
            if (firstDropped.size() < FIRST_DROPPED) {
                firstDropped.add(why(result));
            }
            return;
        }
        truncated += result.truncated() ? 1 : 0;
        tokens += result.demonstration().length();
        trainedTokens += result.demonstration().trainedTokens();
        if (kept == lengths.length) {
            lengths = Arrays.copyOf(lengths, 2 * kept);
        }
        lengths[kept++] = result.demonstration().length();
    }

    /** Notes something about the whole set, once. */
    void note(String note) {
        note(note, note);
    }

    private void note(String note, String withPlace) {
        if (notes.size() < MOST_NOTES) {
            notes.putIfAbsent(note, withPlace);
        }
    }

    private static String why(RowResult result) {
        return result.detail() != null
                ? result.detail()
                : result.row().location() + ": " + result.dropped().words() + " (" + result.length() + " tokens)";
    }

    /** Lengths of the demonstrations so far. */
    int[] lengths() {
        return Arrays.copyOf(lengths, kept);
    }

    DataReport build() {
        return new DataReport(
                files,
                layout,
                rows,
                kept,
                truncated,
                dropped,
                firstDropped,
                tokens,
                trainedTokens,
                LengthHistogram.of(lengths()),
                List.copyOf(notes.values()));
    }
}
