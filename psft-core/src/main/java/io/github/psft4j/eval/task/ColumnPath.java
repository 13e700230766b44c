package io.github.psft4j.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.List;

/** Columns by their names, and fields within columns: {@code reward_model.ground_truth}, {@code choices.text.0}. */
final class ColumnPath {

    private ColumnPath() {}

    /** The value; null if it is not there or null. */
    static JsonNode find(JsonNode fields, String path) {
        JsonNode value = fields.get(path);
        int dot = path.indexOf('.');
        for (int from = dot; value == null && from > 0; from = path.indexOf('.', from + 1)) {
            JsonNode outer = step(fields, path.substring(0, from));
            value = outer == null ? null : find(outer, path.substring(from + 1));
        }
        if (value == null && dot < 0) {
            value = step(fields, path);
        }
        return value == null || value.isNull() ? null : value;
    }

    private static JsonNode step(JsonNode node, String name) {
        boolean index = node.isArray()
                && !name.isEmpty()
                && name.length() < 9
                && name.chars().allMatch(c -> c >= '0' && c <= '9');
        return index ? node.get(Integer.parseInt(name)) : node.get(name);
    }

    /**
     * The value.
     *
     * @param setting that names the column, for the message
     * @throws DataFormatException naming file, line, column and those that the row has, if it is missing
     */
    static JsonNode get(RawRow row, String path, String setting) {
        JsonNode value = find(row.fields(), path);
        if (value == null) {
            List<String> present = new ArrayList<>();
            row.fields().fieldNames().forEachRemaining(present::add);
            throw new DataFormatException(row.location() + ": the row has no column '" + path + "', which " + setting
                    + " names; it has " + Shown.few(present) + "; set " + setting);
        }
        return value;
    }

    /** A value as text: a text as it is, a number as it is written, anything else as JSON. */
    static String text(JsonNode value) {
        return value.isValueNode() ? value.asText() : value.toString();
    }
}
