package io.github.psft4j.data.rows.parquet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;

/** Gives the values of one column to what holds them, as JSON. A value that is none is a fault of its row. */
final class ParquetValueConverter extends PrimitiveConverter {
    private final ParquetRowBuilder row;
    private final String column;
    private final LongFunction<JsonNode> ofIntegers;
    private final Function<Binary, JsonNode> ofBytes;
    private final Consumer<JsonNode> sink;

    /** Bytes of JSON text for every value in it, roughly; many for all other types. */
    private final int bytesPerValue;

    ParquetValueConverter(ParquetRowBuilder row, String column, PrimitiveType type, Consumer<JsonNode> sink) {
        ParquetValues.requireReadable(column, type);
        this.row = row;
        this.column = column;
        this.ofIntegers = ParquetValues.ofIntegers(type);
        this.ofBytes = ParquetValues.ofBytes(type);
        this.sink = sink;
        this.bytesPerValue =
                type.getLogicalTypeAnnotation() instanceof JsonLogicalTypeAnnotation ? 8 : Integer.MAX_VALUE;
    }

    @Override
    public void addBinary(Binary value) {
        row.count(1 + value.length() / bytesPerValue, value.length());
        try {
            sink.accept(ofBytes.apply(value));
        } catch (IllegalArgumentException | ArithmeticException e) {
            fault(e);
        }
    }

    @Override
    public void addInt(int value) {
        row.count(Integer.BYTES);
        integer(value);
    }

    @Override
    public void addLong(long value) {
        row.count(Long.BYTES);
        integer(value);
    }

    private void integer(long value) {
        try {
            sink.accept(ofIntegers.apply(value));
        } catch (IllegalArgumentException | ArithmeticException e) {
            fault(e);
        }
    }

    private void fault(RuntimeException e) {
        row.fault(column, String.valueOf(e.getMessage()));
        sink.accept(NullNode.instance);
    }

    @Override
    public void addBoolean(boolean value) {
        row.count(1);
        sink.accept(BooleanNode.valueOf(value));
    }

    @Override
    public void addFloat(float value) {
        row.count(Float.BYTES);
        sink.accept(FloatNode.valueOf(value));
    }

    @Override
    public void addDouble(double value) {
        row.count(Double.BYTES);
        sink.accept(DoubleNode.valueOf(value));
    }
}
