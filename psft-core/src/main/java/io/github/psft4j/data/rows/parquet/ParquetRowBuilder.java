package io.github.psft4j.data.rows.parquet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.psft4j.data.rows.JsonRow;
import io.github.psft4j.data.rows.JsonlSource;
import io.github.psft4j.io.Shown;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** Assembles rows of Parquet as the JSON that the same row would be in JSONL. */
final class ParquetRowBuilder extends RecordMaterializer<ObjectNode> {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Limit of what a row may hold in memory, as in {@link JsonRow}. */
    private static final int MAX_VALUES = 3_000_000;

    private static final long MAX_BYTES = JsonlSource.MAX_LINE;

    private ObjectNode row;
    private final GroupConverter root;
    private long values;
    private long bytesOfRow;
    private long bytesBefore;

    ParquetRowBuilder(MessageType schema) {
        this.root = new ObjectConverter(schema, node -> row = (ObjectNode) node) {
            @Override
            public void start() {
                bytesBefore += bytesOfRow;
                values = 0;
                bytesOfRow = 0;
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

    private void count(int bytes) {
        values++;
        bytesOfRow += bytes;
        if (values > MAX_VALUES || bytesOfRow > MAX_BYTES) {
            throw new IllegalStateException("a row of more than " + MAX_VALUES + " values or " + (MAX_BYTES >> 20)
                    + " MiB; split it, or leave the column out");
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
    private Converter converter(Type type, Consumer<JsonNode> sink) {
        if (type.isPrimitive()) {
            boolean text = type.getLogicalTypeAnnotation() instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation;
            return new ValueConverter(text, sink);
        }
        GroupType group = type.asGroupType();
        boolean list = type.getLogicalTypeAnnotation() instanceof LogicalTypeAnnotation.ListLogicalTypeAnnotation
                && group.getFieldCount() == 1
                && group.getType(0).isRepetition(Type.Repetition.REPEATED);
        return list ? new ListConverter(group, sink) : new ObjectConverter(group, sink);
    }

    /** A group: an object with null for what is missing; a repeated field is an array. */
    private class ObjectConverter extends GroupConverter {
        private final GroupType group;
        private final Consumer<JsonNode> sink;
        private final Converter[] fields;
        private ObjectNode object;

        ObjectConverter(GroupType group, Consumer<JsonNode> sink) {
            this.group = group;
            this.sink = sink;
            this.fields = new Converter[group.getFieldCount()];
            for (int i = 0; i < fields.length; i++) {
                Type type = group.getType(i);
                String name = type.getName();
                fields[i] = type.isRepetition(Type.Repetition.REPEATED)
                        ? converter(type, node -> ((ArrayNode) object.get(name)).add(node))
                        : converter(type, node -> object.set(name, node));
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
                object.set(
                        type.getName(),
                        type.isRepetition(Type.Repetition.REPEATED) ? NODES.arrayNode() : NullNode.instance);
            }
        }

        @Override
        public void end() {
            sink.accept(object);
        }
    }

    /**
     * A group annotated as list. Its repeated field wraps the element, which may be null. In files of old writers the
     * repeated field is the element itself. That is the case if it is no group, has several fields, or is called
     * {@code array} or {@code LIST_tuple}.
     */
    private final class ListConverter extends GroupConverter {
        private final Consumer<JsonNode> sink;
        private final Converter repeated;
        private ArrayNode array;

        ListConverter(GroupType list, Consumer<JsonNode> sink) {
            this.sink = sink;
            Type type = list.getType(0);
            boolean isElement = type.isPrimitive()
                    || type.asGroupType().getFieldCount() != 1
                    || type.getName().equals("array")
                    || type.getName().equals(list.getName() + "_tuple");
            this.repeated = isElement
                    ? converter(type, node -> array.add(node))
                    : new ElementConverter(type.asGroupType(), node -> array.add(node));
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

    /** The wrapper of one element of a list. */
    private final class ElementConverter extends GroupConverter {
        private final Consumer<JsonNode> sink;
        private final Converter element;
        private JsonNode value;

        ElementConverter(GroupType wrapper, Consumer<JsonNode> sink) {
            this.sink = sink;
            this.element = converter(wrapper.getType(0), node -> value = node);
        }

        @Override
        public Converter getConverter(int index) {
            return element;
        }

        @Override
        public void start() {
            count(1);
            value = NullNode.instance;
        }

        @Override
        public void end() {
            sink.accept(value);
        }
    }

    /** Numbers, booleans, text. Bytes without annotation are text if they are UTF-8 (Spark writes text so). */
    private final class ValueConverter extends PrimitiveConverter {
        private final boolean text;
        private final Consumer<JsonNode> sink;

        ValueConverter(boolean text, Consumer<JsonNode> sink) {
            this.text = text;
            this.sink = sink;
        }

        @Override
        public void addBinary(Binary value) {
            count(value.length());
            ByteBuffer bytes = value.toByteBuffer();
            try {
                sink.accept(TextNode.valueOf(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(bytes.duplicate())
                        .toString()));
            } catch (CharacterCodingException e) {
                if (text) {
                    throw new IllegalStateException(
                            "a text value is not UTF-8: " + Shown.brief(value.toStringUsingUTF8()), e);
                }
                sink.accept(BinaryNode.valueOf(value.getBytes()));
            }
        }

        @Override
        public void addBoolean(boolean value) {
            count(1);
            sink.accept(BooleanNode.valueOf(value));
        }

        @Override
        public void addInt(int value) {
            count(4);
            sink.accept(IntNode.valueOf(value));
        }

        @Override
        public void addLong(long value) {
            count(8);
            sink.accept(LongNode.valueOf(value));
        }

        @Override
        public void addFloat(float value) {
            count(4);
            sink.accept(FloatNode.valueOf(value));
        }

        @Override
        public void addDouble(double value) {
            count(8);
            sink.accept(DoubleNode.valueOf(value));
        }
    }
}
