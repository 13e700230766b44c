package io.github.psft4j.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.rows.DataFormatException;
import java.util.List;

/** Rows of other kinds of training, which would train something else than they say. */
public final class OtherKinds {
    private static final List<String> MEDIA = List.of("images", "image", "videos", "video", "audios", "audio");

    /** KTO's: whether the answer is a good one. */
    private static final List<String> DESIRED = List.of("label", "kto_tag");

    /** What an instruction is about; not read by the layouts of other names. */
    private static final List<String> SUBJECTS = List.of("input", "context");

    private OtherKinds() {}

    /**
     * Refuses them.
     *
     * @param layout of the rows, which reads its own columns
     * @throws DataFormatException if a column that the layout does not read would change what the row means
     */
    public static void refuse(Fields fields, ObjectNode row, DataOptions options, Layout layout) {
        for (String column : MEDIA) {
            if (holds(row, column, options)) {
                throw fields.fault(column, "holds what a text model cannot read; take out such rows, or the column");
            }
        }
        for (String column : layout == Layout.UNPAIRED_PREFERENCE ? List.<String>of() : DESIRED) {
            JsonNode label = row.get(column);
            if (label != null && label.isBoolean() && !label.booleanValue() && holds(row, column, options)) {
                throw fields.fault(
                        column,
                        "is false: the answer is a bad one, as in rows for KTO; train those with the objective kto"
                                + " (data.layout: unpaired_preference), take them out, or leave them out"
                                + " (data.bad_rows: drop)");
            }
        }
        if (layout != Layout.PREFERENCE && holds(row, "chosen", options) && holds(row, "rejected", options)) {
            throw fields.fault(
                    "rejected",
                    "stands beside 'chosen', as in rows that compare two answers; write rows of the chosen one alone");
        }
        if (options.columns().containsValue("instruction")) {
            for (String column : SUBJECTS) {
                if (holds(row, column, options)) {
                    throw fields.fault(
                            column,
                            "belongs to 'instruction' and is not read beside a mapped one; leave the mapping out"
                                    + " (layouts alpaca and dolly read both)");
                }
            }
        }
    }

    private static boolean holds(ObjectNode row, String column, DataOptions options) {
        return !Columns.isEmpty(row.get(column)) && !options.columns().containsValue(column);
    }
}
