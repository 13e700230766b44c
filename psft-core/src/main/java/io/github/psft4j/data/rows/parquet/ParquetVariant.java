package io.github.psft4j.data.rows.parquet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.variant.ImmutableMetadata;
import org.apache.parquet.variant.Variant;
import org.apache.parquet.variant.VariantBuilder;
import org.apache.parquet.variant.VariantConverters;

/** A value of the type VARIANT, shredded or not. The library parquet-variant puts it together. */
final class ParquetVariant extends GroupConverter {
    private static final int MAX_DEPTH = 100;

    private final GroupConverter parts;
    private final Consumer<JsonNode> sink;
    private final IntConsumer counter;
    private ImmutableMetadata metadata;
    private VariantBuilder builder;

    /** @param counter is told the bytes of every value */
    ParquetVariant(GroupType type, IntConsumer counter, Consumer<JsonNode> sink) {
        this.parts = VariantConverters.newVariantConverter(
                type, bytes -> metadata = new ImmutableMetadata(bytes), build -> build.accept(builder()));
        this.counter = counter;
        this.sink = sink;
    }

    private VariantBuilder builder() {
        if (builder == null) {
            if (metadata == null) {
                throw new IllegalStateException("a VARIANT without metadata");
            }
            builder = new VariantBuilder(metadata);
        }
        return builder;
    }

    @Override
    public Converter getConverter(int index) {
        return parts.getConverter(index);
    }

    @Override
    public void start() {
        builder = null;
        parts.start();
    }

    @Override
    public void end() {
        parts.end();
        builder().appendNullIfEmpty();
        ByteBuffer value = builder.encodedValue();
        sink.accept(json(new Variant(value, metadata.getEncodedBuffer()), 0));
    }

    private JsonNode json(Variant value, int depth) {
        counter.accept(1);
        if (depth > MAX_DEPTH) {
            throw new IllegalStateException("a VARIANT nested more than " + MAX_DEPTH + " deep");
        }
        return switch (value.getType()) {
            case OBJECT -> {
                ObjectNode object = JsonNodeFactory.instance.objectNode();
                for (int i = 0; i < value.numObjectElements(); i++) {
                    Variant.ObjectField field = value.getFieldAtIndex(i);
                    object.set(field.key, json(field.value, depth + 1));
                }
                yield object;
            }
            case ARRAY -> {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                for (int i = 0; i < value.numArrayElements(); i++) {
                    array.add(json(value.getElementAtIndex(i), depth + 1));
                }
                yield array;
            }
            case NULL -> NullNode.instance;
            case BOOLEAN -> BooleanNode.valueOf(value.getBoolean());
            case BYTE, SHORT, INT, LONG -> ParquetValues.number(BigDecimal.valueOf(value.getLong()));
            case FLOAT -> FloatNode.valueOf(value.getFloat());
            case DOUBLE -> DoubleNode.valueOf(value.getDouble());
            case DECIMAL4, DECIMAL8, DECIMAL16 -> ParquetValues.number(value.getDecimal());
            case STRING -> text(value.getString());
            case DATE -> text(LocalDate.ofEpochDay(value.getInt()).toString());
            case TIME -> text(ParquetValues.time(Math.multiplyExact(value.getLong(), 1000)));
            case TIMESTAMP_TZ -> text(timestamp(value.getLong(), 1_000_000) + "Z");
            case TIMESTAMP_NTZ -> text(timestamp(value.getLong(), 1_000_000));
            case TIMESTAMP_NANOS_TZ -> text(timestamp(value.getLong(), 1_000_000_000) + "Z");
            case TIMESTAMP_NANOS_NTZ -> text(timestamp(value.getLong(), 1_000_000_000));
            case UUID -> text(value.getUUID().toString());
            case BINARY -> {
                ByteBuffer bytes = value.getBinary();
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                counter.accept(copy.length);
                yield BinaryNode.valueOf(copy);
            }
        };
    }

    private JsonNode text(String text) {
        counter.accept(text.length());
        return TextNode.valueOf(text);
    }

    private static String timestamp(long value, long perSecond) {
        return ParquetValues.timestamp(
                Math.floorDiv(value, perSecond), Math.floorMod(value, perSecond) * (1_000_000_000 / perSecond));
    }
}
