package io.github.psft4j.data;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.encode.Columns;
import io.github.psft4j.data.encode.DropReason;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.rows.DataFiles;
import io.github.psft4j.io.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts results. Keeps four bytes per demonstration, its length. */
final class ReportBuilder {
    private static final int FIRST_DROPPED = 20;

    /** Different notes at most: more are of a data set that mixes everything. */
    private static final int MOST_NOTES = 50;

    /** Columns that may be the weight of a row. */
    private static final Set<String> WEIGHTS = Set.of("weight", "score", "quality", "reward");

    private final List<String> files;
    private final DataOptions options;
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
    private int sequences; // two per pair
    private int file; // that of the newest demonstration
    private final int[] keptByFile;

    ReportBuilder(List<Path> files, DataOptions options) {
        this.files = files.stream().map(Path::toString).toList();
        this.options = options;
        this.keptByFile = new int[files.size()];
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
        String from = result.row().file().toString();
        while (!files.get(file).equals(from)) {
            file++; // rows come in the order of the files
        }
        keptByFile[file]++;
        truncated += result.truncated() ? 1 : 0;
        kept++;
        for (Demonstration sequence : result.sequences()) {
            tokens += sequence.length();
            trainedTokens += sequence.trainedTokens();
            if (sequences == lengths.length) {
                lengths = Arrays.copyOf(lengths, 2 * sequences);
            }
            lengths[sequences++] = sequence.length();
        }
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

    private String why(RowResult result) {
        if (result.detail() != null) {
            return result.detail();
        }
        boolean tooLong = result.dropped() == DropReason.TOO_LONG;
        return result.row().location() + ": " + result.dropped().words() + " ("
                + (tooLong ? result.length() + " > " + options.maxLength() : result.length() + " tokens") + ")"
                + (tooLong ? "; data.truncation: keep_start cuts it" : "");
    }

    /** Lengths of the demonstrations so far. */
    int[] lengths() {
        return Arrays.copyOf(lengths, sequences);
    }

    /**
     * @param unread columns that nothing reads
     * @param endless a note for a set with demonstrations, null for none
     */
    DataReport build(Collection<String> unread, String endless) {
        if (kept > 0 && endless != null) {
            note(endless);
        }
        return new DataReport(
                files,
                Arrays.stream(keptByFile).boxed().toList(),
                layout,
                rows,
                kept,
                truncated,
                dropped,
                firstDropped,
                tokens,
                trainedTokens,
                LengthHistogram.of(lengths()),
                all(unread));
    }

    /** Notes of rows, and those of the files as a whole. */
    private List<String> all(Collection<String> unread) {
        List<String> all = new ArrayList<>(notes.values());
        List<String> heldOut =
                DataFiles.heldOut(options.paths()).stream().map(Path::toString).toList();
        if (!heldOut.isEmpty()) {
            all.add("not read, because their names say held-out data: " + Shown.few(heldOut)
                    + "; name such a file itself to read it");
        }
        List<String> read = files.stream()
                .filter(name -> DataFiles.isHeldOut(Path.of(name)))
                .toList();
        if (!read.isEmpty()) {
            all.add("read, although their names say held-out data: " + Shown.few(read));
        }
        if (!unread.isEmpty()) {
            all.add(unread(unread));
        }
        return all;
    }

    private static String unread(Collection<String> columns) {
        String like = columns.stream().filter(WEIGHTS::contains).findFirst().orElse(null);
        String column = like == null ? columns.iterator().next() : like;
        return "columns that are not read: " + Shown.few(columns) + "; to read one as a field, map it: "
                + Columns.typed(like == null ? "FIELD" : "weight", column) + ", where fields are "
                + String.join(", ", DataOptions.fieldNames());
    }
}
