package io.github.psft4j.data;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.encode.DropReason;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.rows.RawRow;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The result of a row.
 *
 * @param row the row
 * @param layout how it was read, null if it was malformed before that was known
 * @param demonstration tokens and mask, null if the row was dropped
 * @param weight the row's weight, 1 without a weight column
 * @param length tokens before truncation, of a pair those of the longer answer; 0 if malformed
 * @param dropped why there is no demonstration, null if there is one
 * @param detail why this row was dropped in particular, such as the message of a malformed row; otherwise null
 * @param rejected the rejected answer of a pair, whose chosen one is the demonstration; null for all others
 * @param notes what a user should know of rows like this one, without its place
 */
public record RowResult(
        RawRow row,
        Layout layout,
        Demonstration demonstration,
        Demonstration rejected,
        double weight,
        int length,
        DropReason dropped,
        String detail,
        List<String> notes) {

    /** The notes are copied. */
    public RowResult {
        notes = List.copyOf(notes);
    }

    /** The sequences of the row in their order: none, one, or the chosen and the rejected answer. */
    public List<Demonstration> sequences() {
        return Stream.of(demonstration, rejected).filter(Objects::nonNull).toList();
    }

    /** Whether the row became a demonstration, whole or truncated. */
    public boolean kept() {
        return demonstration != null;
    }

    /** Whether the demonstration was truncated. */
    public boolean truncated() {
        return kept() && sequences().stream().mapToInt(Demonstration::length).max().orElse(0) < length;
    }
}
