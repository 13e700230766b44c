package io.github.psft4j.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The fields of a row under their names in the layout, with faults that name file, line and column. */
public final class Fields {
    private final RawRow row;
    private final DataOptions options;
    private final Set<String> notes = new LinkedHashSet<>();

    public Fields(RawRow row, DataOptions options) {
        this.row = row;
        this.options = options;
    }

    DataOptions options() {
        return options;
    }

    /** Notes what a user should know of rows like this one; the report shows each text once, with the first place. */
    public void note(String note) {
        notes.add(note);
    }

    /** What was noted, in this order. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** {@code file:line}. */
    String location() {
        return row.location();
    }

    /** A fault of a field: {@code file:line: field 'x': problem}. */
    DataFormatException fault(String field, String problem) {
        return fault(field, problem, null);
    }

    DataFormatException fault(String field, String problem, Throwable cause) {
        return new DataFormatException(row.location() + ": field '" + options.column(field) + "' " + problem, cause);
    }

    /** Whether the field is there and not null. */
    boolean has(String field) {
        return row.fields().hasNonNull(options.column(field));
    }

    /** The field; a fault if it is missing or null. */
    JsonNode get(String field) {
        JsonNode value = row.fields().get(options.column(field));
        if (value == null) {
            List<String> present = new ArrayList<>();
            row.fields().fieldNames().forEachRemaining(present::add);
            throw fault(
                    field,
                    "is missing; the row has: " + Shown.few(present)
                            + "; all rows have the layout of the first one: map the column or split the file");
        }
        if (value.isNull()) {
            throw fault(field, "is null; fill it in or leave bad rows out, counted (data.bad_rows: drop)");
        }
        return value;
    }

    /** A string. */
    String string(String field) {
        JsonNode value = get(field);
        if (!value.isTextual()) {
            throw fault(field, "is " + kind(value) + " instead of a string: " + Shown.brief(value.toString()));
        }
        return value.textValue();
    }

    /** @throws DataFormatException if the text holds half of a surrogate pair, which no tokenizer can read */
    void requireWellFormed(String field, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else {
                throw fault(
                        field,
                        String.format(
                                "holds half of a surrogate pair, \\u%04x, at character %d,"
                                        + " which is no text; the program that wrote it cut an emoji in two",
                                (int) c, i + 1));
            }
        }
    }

    /** Non-negative token ids below {@code vocabSize}. */
    int[] ids(String field, int vocabSize) {
        JsonNode value = array(field);
        int[] ids = new int[value.size()];
        for (int i = 0; i < ids.length; i++) {
            JsonNode id = value.get(i);
            if (!id.isIntegralNumber()) {
                throw fault(
                        field,
                        "has " + kind(id) + " at index " + i + " instead of a token id: " + Shown.brief(id.toString()));
            }
            if (!id.canConvertToInt() || id.intValue() < 0 || id.intValue() >= vocabSize) {
                throw fault(
                        field,
                        "has the id " + Shown.brief(id.toString()) + " at index " + i
                                + "; ids of this model go from 0 to " + (vocabSize - 1)
                                + ": the rows were tokenised for another model, or -100 stands for ignored "
                                + "tokens (use loss_mask)");
            }
            ids[i] = id.intValue();
        }
        return ids;
    }

    /** A list of 0, 1, true and false of the given length. */
    boolean[] mask(String field, int length, String of) {
        JsonNode value = array(field);
        if (value.size() != length) {
            throw fault(
                    field,
                    "has " + value.size() + " values but '" + options.column(of) + "' has " + length
                            + "; the mask has one value per token");
        }
        boolean[] mask = new boolean[length];
        for (int i = 0; i < length; i++) {
            JsonNode bit = value.get(i);
            boolean number = bit.isNumber() && (bit.doubleValue() == 0 || bit.doubleValue() == 1);
            if (!number && !bit.isBoolean()) {
                throw fault(
                        field,
                        "has " + Shown.brief(bit.toString()) + " at index " + i
                                + " instead of 0, 1, true or false; for weights per row map a 'weight' column");
            }
            mask[i] = number ? bit.doubleValue() == 1 : bit.booleanValue();
        }
        return mask;
    }

    /** A finite number that is not negative. */
    public double weight(String field) {
        JsonNode value = get(field);
        double weight = value.isNumber() ? value.doubleValue() : Double.NaN;
        if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
            throw fault(field, "is " + Shown.brief(value.toString()) + "; a weight is a number of at least 0");
        }
        return weight;
    }

    private JsonNode array(String field) {
        JsonNode value = get(field);
        if (!value.isArray()) {
            throw fault(field, "is " + kind(value) + " instead of a list: " + Shown.brief(value.toString()));
        }
        return value;
    }

    /** The type of a value with its article. */
    static String kind(JsonNode value) {
        String type = value.getNodeType().name().toLowerCase(Locale.ROOT);
        return (value.isArray() || value.isObject() ? "an " : value.isNull() ? "" : "a ") + type;
    }
}
