package io.github.psft4j.data;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.encode.DropReason;
import io.github.psft4j.data.encode.Layout;
import io.github.psft4j.data.rows.RawRow;

/**
 * The result of a row.
 *
 * @param row the row
 * @param layout how it was read, null if it was malformed before that was known
 * @param demonstration tokens and mask, null if the row was dropped
 * @param weight the row's weight, 1 without a weight column
 * @param length tokens before truncation; 0 if malformed
 * @param dropped why there is no demonstration, null if there is one
 * @param detail the message of a malformed row, otherwise null
 */
public record RowResult(
        RawRow row,
        Layout layout,
        Demonstration demonstration,
        double weight,
        int length,
        DropReason dropped,
        String detail) {

    /** Whether the row became a demonstration, whole or truncated. */
    public boolean kept() {
        return demonstration != null;
    }

    /** Whether the demonstration was truncated. */
    public boolean truncated() {
        return kept() && demonstration.length() < length;
    }
}
