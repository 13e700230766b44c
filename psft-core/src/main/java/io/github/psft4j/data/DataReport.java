package io.github.psft4j.data;

import io.github.psft4j.data.encode.DropReason;
import io.github.psft4j.data.options.Layout;
import java.util.List;
import java.util.Map;

/**
 * Counts of the rows that were read, kept and dropped: {@code rows == kept + sum of dropped}.
 *
 * @param files data files, in the order in which they were read
 * @param keptByFile demonstrations of each of these
 * @param layout how the rows spell demonstrations, null if there was none
 * @param rows rows read
 * @param kept demonstrations, or pairs
 * @param truncated of these, cut to {@code max_length}
 * @param dropped rows without a demonstration, by reason; a file of an older version has fewer reasons
 * @param firstDropped the first few of these as {@code file:line: why}
 * @param tokens tokens of the demonstrations, of both answers of a pair
 * @param trainedTokens of these, trained
 * @param lengths lengths in tokens of the demonstrations
 * @param notes what else a user should know of the set, each once; a note of a row begins with its {@code file:line}
 */
public record DataReport(
        List<String> files,
        List<Integer> keptByFile,
        Layout layout,
        long rows,
        long kept,
        long truncated,
        Map<DropReason, Long> dropped,
        List<String> firstDropped,
        long tokens,
        long trainedTokens,
        LengthHistogram lengths,
        List<String> notes) {

    /** The collections are copied. */
    public DataReport {
        files = List.copyOf(files);
        keptByFile = List.copyOf(keptByFile);
        dropped = Map.copyOf(dropped);
        firstDropped = List.copyOf(firstDropped);
        notes = notes == null ? List.of() : List.copyOf(notes);
    }

    /** Rows dropped for any reason. */
    public long droppedRows() {
        return dropped.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Sequences that a row became: 2 for pairs, otherwise 1. */
    public int sequences() {
        return layout == null ? 1 : layout.sequences();
    }

    /** On one line: rows, demonstrations, what was dropped and why, tokens. */
    public String summary() {
        String out = rows + " rows (" + layout + "), " + kept + (sequences() == 2 ? " pairs" : " demonstrations");
        if (truncated > 0) {
            out += ", " + truncated + " of them truncated";
        }
        for (DropReason reason : DropReason.values()) {
            if (dropped.getOrDefault(reason, 0L) > 0) {
                out += ", " + dropped.get(reason) + " dropped (" + reason.words() + ")";
            }
        }
        return out + ", " + tokens + " tokens, " + trainedTokens + " trained";
    }
}
