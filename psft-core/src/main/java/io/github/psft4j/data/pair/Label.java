package io.github.psft4j.data.pair;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.encode.Fields;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.io.Shown;
import java.util.Locale;
import java.util.Map;

/** Whether the answer of a row is a good one. */
public final class Label {

    private static final Map<String, Boolean> WORDS = Map.of("true", true, "1", true, "false", false, "0", false);

    private Label() {}

    /**
     * The label of a row: true, false, 1 or 0, also as text, which a CSV file has.
     *
     * @throws DataFormatException if it is missing or something else
     */
    public static boolean of(Fields row) {
        JsonNode value = row.get("label");
        Boolean good = value.isContainerNode()
                ? null
                : WORDS.get(value.asText().strip().toLowerCase(Locale.ROOT));
        if (good == null) {
            throw row.fault(
                    "label", "is " + Shown.brief(value.toString()) + "; a label is true (a good answer) or false");
        }
        return good;
    }
}
