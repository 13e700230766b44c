package io.github.psft4j.eval.overlap;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.rows.RawRow;
import java.util.Collection;
import java.util.Map;
import java.util.function.BiConsumer;

/** The texts of a row: every string of its columns, however deep. */
final class RowTexts {

    private RowTexts() {}

    /** @param columns that are read; empty: all */
    static void each(RawRow row, Collection<String> columns, BiConsumer<String, String> nameAndText) {
        for (Map.Entry<String, JsonNode> column : row.fields().properties()) {
            if (columns.isEmpty() || columns.contains(column.getKey())) {
                each(column.getKey(), column.getValue(), nameAndText);
            }
        }
    }

    private static void each(String name, JsonNode value, BiConsumer<String, String> nameAndText) {
        if (value.isTextual()) {
            nameAndText.accept(name, value.textValue());
        } else if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                each(name + "[" + i + "]", value.get(i), nameAndText);
            }
        } else if (value.isObject()) {
            value.properties().forEach(e -> each(name + "." + e.getKey(), e.getValue(), nameAndText));
        }
    }
}
