package io.github.psft4j.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.rows.RawRow;

/**
 * A question of a data set.
 *
 * @param number in the order of the files, from 0; equal rows are one question
 * @param id what the id column says, else the number
 * @param cluster what it has in common with others; null without such a column
 * @param row its first row
 */
public record Question(int number, String id, String cluster, RawRow row) {

    /**
     * A column.
     *
     * @param setting that names the column, for the message
     * @throws io.github.psft4j.data.rows.DataFormatException naming file, line and column, if it is missing
     */
    public JsonNode column(String path, String setting) {
        return ColumnPath.get(row, path, setting);
    }

    /** The same as text: a text as it is, a number as it is written, anything else as JSON. */
    public String text(String path, String setting) {
        return ColumnPath.text(column(path, setting));
    }
}
