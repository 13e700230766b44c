package io.github.psft4j.data.encode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The fields of a row under their names in the layout, with faults that name file, line and column. */
public final class Fields {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** Fields that may be a conversation as well as a text. */
    private static final Set<String> SIDES = Set.of("prompt", "completion", "demonstration", "chosen", "rejected");

    private final RawRow row;
    private final DataOptions options;
    private final Set<String> notes;
    private final Columns columns;
    private final Map<String, String> names; // field to the column that a message names; of a rewritten row

    public Fields(RawRow row, DataOptions options) {
        this(row, options, new Columns());
    }

    /** @param columns is told which columns are read */
    public Fields(RawRow row, DataOptions options, Columns columns) {
        this(row, options, columns, Map.of(), new LinkedHashSet<>());
    }

    private Fields(RawRow row, DataOptions options, Columns columns, Map<String, String> names, Set<String> notes) {
        this.row = row;
        this.options = options;
        this.columns = columns;
        this.names = names;
        this.notes = notes;
    }

    /**
     * The same row in another layout.
     *
     * @param values fields by their names in that layout
     * @param from per field, the column that messages name
     */
    public Fields rewritten(ObjectNode values, Map<String, String> from) {
        return new Fields(new RawRow(row.file(), row.number(), values), options, columns, from, notes);
    }

    /** The column that holds a field. */
    String column(String field) {
        return names.isEmpty() ? Columns.of(field, row.fields(), options) : field;
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

    /** A fault of a field: {@code file:line: field 'x': problem}. */
    public DataFormatException fault(String field, String problem) {
        return fault(field, problem, null);
    }

    DataFormatException fault(String field, String problem, Throwable cause) {
        return new DataFormatException(
                row.location() + ": field '" + names.getOrDefault(field, column(field)) + "' " + problem, cause);
    }

    /** Whether the field is there and not null. */
    public boolean has(String field) {
        String column = column(field);
        columns.read(column);
        return row.fields().hasNonNull(column);
    }

    /** The field; a fault if it is missing or null. */
    public JsonNode get(String field) {
        String column = column(field);
        columns.read(column);
        JsonNode value = row.fields().get(column);
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
        return value.isTextual() && SIDES.contains(field) ? side(field, value) : value;
    }

    /** A conversation that a CSV file or a column of JSON holds as text; other text as it is. */
    private JsonNode side(String field, JsonNode text) {
        String start = text.textValue();
        if (start.startsWith("[{'role':") || start.startsWith("[{'content':")) {
            throw fault(field, "is a list as Python prints it: " + Shown.brief(start) + "; write it with json.dumps");
        }
        if (!start.startsWith("[{")) {
            return text;
        }
        JsonNode messages = parsed(start);
        return messages != null
                        && messages.get(0).has("role")
                        && messages.get(0).has("content")
                ? messages
                : text;
    }

    /** JSON in a text, null if it is none. */
    public static JsonNode parsed(String text) {
        try {
            JsonNode value = JSON.readTree(text);
            return value == null || value.isMissingNode() || value.isNull() ? null : value;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    /** JSON in a text; a fault if it is none. */
    JsonNode json(String field, String what, String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw fault(field, what + " is a string that is not JSON: " + Shown.brief(JsonFault.reason(e)), e);
        }
    }

    /** A list, or a text that holds one as JSON. */
    JsonNode list(String field, String of) {
        JsonNode value = get(field);
        if (value.isTextual()) {
            JsonNode inside = parsed(value.textValue());
            value = inside != null && inside.isArray() ? inside : value;
        }
        if (!value.isArray()) {
            throw fault(
                    field,
                    "is " + kind(value) + " instead of a list" + (of.isEmpty() ? "" : " of " + of) + ": "
                            + Shown.brief(value.toString()));
        }
        return value;
    }

    /** A text that may be missing, null or empty; then it is "". */
    String optional(String field) {
        return has(field) ? string(field) : "";
    }

    /** A string. */
    public String string(String field) {
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
        JsonNode value = list(field, "");
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
        JsonNode value = list(field, "");
        if (value.size() != length) {
            throw fault(
                    field,
                    "has " + value.size() + " values but '" + column(of) + "' has " + length
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
        JsonNode number = value.isTextual() ? parsed(value.textValue()) : value; // CSV has no numbers
        double weight = number != null && number.isNumber() ? number.doubleValue() : Double.NaN;
        if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
            throw fault(field, "is " + Shown.brief(value.toString()) + "; a weight is a number of at least 0");
        }
        return weight;
    }

    /** The type of a value with its article. */
    public static String kind(JsonNode value) {
        String type = value.getNodeType().name().toLowerCase(Locale.ROOT);
        return (value.isArray() || value.isObject() ? "an " : value.isNull() ? "" : "a ") + type;
    }
}
