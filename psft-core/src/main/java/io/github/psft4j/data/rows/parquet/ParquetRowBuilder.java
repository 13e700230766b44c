package io.github.psft4j.data.rows.parquet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.data.rows.JsonRow;
import io.github.psft4j.data.rows.JsonlSource;
import io.github.psft4j.io.Shown;
import java.util.Arrays;
import java.util.function.Consumer;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.VariantLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * Assembles rows of Parquet as the JSON that the same row would be in JSONL. A group gives every row every field; so
 * fields that are null are left out of objects, but not out of the row and not out of lists.
 */
final class ParquetRowBuilder extends RecordMaterializer<ObjectNode> {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Limit of what a row may hold in memory, as in {@link JsonRow}. */
    private static final int MAX_VALUES = 3_000_000;

    private static final long MAX_BYTES = JsonlSource.MAX_LINE;

    private ObjectNode row;
    private String fault;
    private String leftOut;
    private final GroupConverter root;
    private long values;
    private long bytesOfRow;
    private long bytesBefore;

    /** @throws UnsupportedOperationException if a column has a type without a form in JSON */
    ParquetRowBuilder(MessageType schema) {
        this.root = new ObjectConverter(schema, "", 0, node -> row = (ObjectNode) node) {
            @Override
            public void start() {
                bytesBefore += bytesOfRow;
                values = 0;
                bytesOfRow = 0;
                fault = null;
                super.start();
            }
        };
    }

    /**
     * Bytes of text and numbers so far, as rows have them: a dictionary holds a text once, rows any number of times.
     */
    long bytes() {
        return bytesBefore + bytesOfRow;
    }

    /** What is wrong with a value of the row; null: nothing. */
    String fault() {
        return fault;
    }

    /** A field of an object in an object that was null in some row, and so was left out; null: there was none. */
    String leftOut() {
        return leftOut;
    }

    /** @throws UnsupportedOperationException if the row has become too large */
    void count(int bytes) {
        count(1, bytes);
    }

    /** Several values at a time, for instance those inside a text of JSON. */
    void count(int values, int bytes) {
        this.values += values;
        bytesOfRow += bytes;
        if (this.values > MAX_VALUES || bytesOfRow > MAX_BYTES) {
            throw new UnsupportedOperationException("a row of more than " + MAX_VALUES + " values or "
                    + (MAX_BYTES >> 20) + " MiB; split it, or leave the column out");
        }
    }

    /** Keeps the first fault of a row; the rest of the row must still be read. */
    void fault(String column, String why) {
        if (fault == null) {
            fault = "field '" + Shown.brief(column) + "' has " + why;
        }
    }

    @Override
    public ObjectNode getCurrentRecord() {
        return row;
    }

    @Override
    public GroupConverter getRootConverter() {
        return root;
    }

    /** Converts values of a type, each of which goes to the sink. */
    private Converter converter(Type type, String column, int depth, Consumer<JsonNode> sink) {
        if (type.isPrimitive()) {
            return new ParquetValueConverter(this, column, type.asPrimitiveType(), sink);
        }
        GroupType group = type.asGroupType();
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        if (logical instanceof VariantLogicalTypeAnnotation) {
            return new ParquetVariant(group, this::count, sink);
        }
        boolean repeats = group.getFieldCount() == 1 && group.getType(0).isRepetition(Type.Repetition.REPEATED);
        if (repeats && logical instanceof ListLogicalTypeAnnotation) {
            return new ListConverter(group, column, depth, sink);
        }
        if (repeats && logical instanceof MapLogicalTypeAnnotation && isEntry(group.getType(0))) {
            return new MapConverter(group.getType(0).asGroupType(), column, depth, sink);
        }
        return new ObjectConverter(group, column, depth, sink);
    }

    private static boolean isEntry(Type type) {
        return !type.isPrimitive()
                && type.asGroupType().getFields().stream().noneMatch(t -> t.isRepetition(Type.Repetition.REPEATED))
                && type.asGroupType().getFieldCount() <= 2;
    }

    /** A group: an object without what is missing; a repeated field is an array. */
    private class ObjectConverter extends GroupConverter {
        private final GroupType group;
        private final Converter[] fields;
        private final String column;
        private final int depth;
        private final Consumer<JsonNode> sink;
        private ObjectNode object;

        ObjectConverter(GroupType group, String column, int depth, Consumer<JsonNode> sink) {
            this.group = group;
            this.fields = new Converter[group.getFieldCount()];
            this.column = column;
            this.depth = depth;
            this.sink = sink;
            for (int i = 0; i < fields.length; i++) {
                Type type = group.getType(i);
                String name = type.getName();
                fields[i] = converter(
                        type,
                        depth == 0 ? name : column + "." + name,
                        depth + 1,
                        type.isRepetition(Type.Repetition.REPEATED)
                                ? node -> ((ArrayNode) object.get(name)).add(node)
                                : node -> object.set(name, node));
            }
        }

        @Override
        public Converter getConverter(int index) {
            return fields[index];
        }

        @Override
        public void start() {
            count(group.getFieldCount());
            object = NODES.objectNode();
            for (Type type : group.getFields()) {
                if (type.isRepetition(Type.Repetition.REPEATED)) {
                    object.set(type.getName(), NODES.arrayNode());
                } else if (depth == 0) {
                    object.set(type.getName(), NullNode.instance);
                }
            }
        }

        @Override
        public void end() {
            if (depth > 1 && leftOut == null && object.size() < group.getFieldCount()) {
                leftOut = column;
            }
            sink.accept(object);
        }
    }

    /**
     * A group annotated as list. Its repeated field wraps the element, which may be null. In files of old writers the
     * repeated field is the element itself. That is the case if it is no group, has several fields or one that repeats
     * itself, or is called {@code array} or {@code LIST_tuple}.
     */
    private final class ListConverter extends GroupConverter {
        private final Consumer<JsonNode> sink;
        private final Converter repeated;
        private ArrayNode array;

        ListConverter(GroupType list, String column, int depth, Consumer<JsonNode> sink) {
            this.sink = sink;
            Type type = list.getType(0);
            boolean isElement = type.isPrimitive()
                    || type.asGroupType().getFieldCount() != 1
                    || type.asGroupType().getType(0).isRepetition(Type.Repetition.REPEATED)
                    || type.getName().equals("array")
                    || type.getName().equals(list.getName() + "_tuple");
            this.repeated = isElement
                    ? converter(type, column, depth, node -> array.add(node))
                    : new WrapperConverter(type.asGroupType(), column, depth, parts -> array.add(parts[0]));
        }

        @Override
        public Converter getConverter(int index) {
            return repeated;
        }

        @Override
        public void start() {
            count(1);
            array = NODES.arrayNode();
        }

        @Override
        public void end() {
            sink.accept(array);
        }
    }

    /** A group annotated as map: an object. Keys that are no texts become texts, as JSON has it. */
    private final class MapConverter extends GroupConverter {
        private final String column;
        private final Consumer<JsonNode> sink;
        private final Converter entry;
        private ObjectNode object;

        MapConverter(GroupType entry, String column, int depth, Consumer<JsonNode> sink) {
            this.column = column;
            this.sink = sink;
            this.entry = new WrapperConverter(entry, column, depth + 1, this::put);
        }

        private void put(JsonNode[] entry) {
            JsonNode key = entry[0];
            if (key.isNull() || object.has(key.asText())) {
                fault(column, "a map with the key " + Shown.brief(key.toString()) + (key.isNull() ? "" : " twice"));
            }
            object.set(key.asText(), entry.length < 2 ? NullNode.instance : entry[1]);
        }

        @Override
        public Converter getConverter(int index) {
            return entry;
        }

        @Override
        public void start() {
            count(1);
            object = NODES.objectNode();
        }

        @Override
        public void end() {
            sink.accept(object);
        }
    }

    /** The wrapper of one element of a list, or of key and value of a map. Its parts may be null. */
    private final class WrapperConverter extends GroupConverter {
        private final Converter[] converters;
        private final JsonNode[] parts;
        private final Consumer<JsonNode[]> sink;

        WrapperConverter(GroupType wrapper, String column, int depth, Consumer<JsonNode[]> sink) {
            this.converters = new Converter[wrapper.getFieldCount()];
            this.parts = new JsonNode[converters.length];
            this.sink = sink;
            for (int i = 0; i < converters.length; i++) {
                int part = i;
                converters[i] = converter(wrapper.getType(i), column, depth, node -> parts[part] = node);
            }
        }

        @Override
        public Converter getConverter(int index) {
            return converters[index];
        }

        @Override
        public void start() {
            count(1);
            Arrays.fill(parts, NullNode.instance);
        }

        @Override
        public void end() {
            sink.accept(parts);
        }
    }
}
