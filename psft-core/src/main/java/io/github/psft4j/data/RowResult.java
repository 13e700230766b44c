package io.github.psft4j.data;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.encode.DropReason;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.rows.RawRow;
import java.util.List;

/**
 * The result of a row.
 *
 * @param row the row
 * @param layout how it was read, null if it was malformed before that was known
 * @param sequences tokens and mask: one demonstration, the chosen and the rejected answer of a pair, none if it was
 *     dropped
 * @param weight the row's weight, 1 without a weight column
 * @param length tokens before truncation, of a pair those of the longer answer; 0 if malformed
 * @param dropped why there is no demonstration, null if there is one
 * @param detail why this row was dropped in particular, such as the message of a malformed row; otherwise null
 * @param notes what a user should know of rows like this one, without its place
 */
public record RowResult(
        RawRow row,
        Layout layout,
        List<Demonstration> sequences,
        double weight,
        int length,
        DropReason dropped,
        String detail,
        List<String> notes) {

    /** The lists are copied. */
    public RowResult {
        sequences = List.copyOf(sequences);
        notes = List.copyOf(notes);
    }

    /** The demonstration, or the chosen answer of a pair; null if the row was dropped. */
    public Demonstration demonstration() {
        return sequences.isEmpty() ? null : sequences.get(0);
    }

    /** Whether the row became a demonstration, whole or truncated. */
    public boolean kept() {
        return !sequences.isEmpty();
    }

    /** Whether the demonstration was truncated. */
    public boolean truncated() {
        return kept()
                && sequences.stream().mapToInt(Demonstration::length).max().orElse(0) < length;
    }
}
