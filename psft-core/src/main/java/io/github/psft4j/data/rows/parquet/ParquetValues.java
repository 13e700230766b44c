package io.github.psft4j.data.rows.parquet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.psft4j.data.rows.JsonRow;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.io.Shown;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.BsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.GeographyLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.GeometryLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntervalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/**
 * Single values as the JSON that they mean: decimals are numbers, times are texts of ISO 8601, JSON is parsed. A value
 * that its type does not allow is an {@link IllegalArgumentException}.
 */
final class ParquetValues {
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int EPOCH_JULIAN_DAY = 2_440_588;

    private ParquetValues() {}

    /** @throws UnsupportedOperationException if the type has no form in JSON */
    static void requireReadable(String column, PrimitiveType type) {
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        if (logical instanceof BsonLogicalTypeAnnotation
                || logical instanceof GeometryLogicalTypeAnnotation
                || logical instanceof GeographyLogicalTypeAnnotation) {
            throw new UnsupportedOperationException("the column " + Shown.brief(column) + " has the type " + logical
                    + ", which is no text, number or JSON; write the file without it, or convert it to text");
        }
    }

    /** Values of the physical types INT32 and INT64. */
    static LongFunction<JsonNode> ofIntegers(PrimitiveType type) {
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        boolean wide = type.getPrimitiveTypeName() == PrimitiveTypeName.INT64;
        if (logical instanceof DecimalLogicalTypeAnnotation decimal) {
            return value -> number(BigDecimal.valueOf(value, decimal.getScale()));
        }
        if (logical instanceof DateLogicalTypeAnnotation && !wide) {
            return value -> TextNode.valueOf(LocalDate.ofEpochDay(value).toString());
        }
        if (logical instanceof TimeLogicalTypeAnnotation time) {
            return value -> TextNode.valueOf(time(Math.multiplyExact(value, nanos(time.getUnit()))));
        }
        if (logical instanceof TimestampLogicalTypeAnnotation time && wide) {
            long perSecond = NANOS_PER_SECOND / nanos(time.getUnit());
            String zone = time.isAdjustedToUTC() ? "Z" : "";
            return value -> TextNode.valueOf(
                    timestamp(Math.floorDiv(value, perSecond), Math.floorMod(value, perSecond) * nanos(time.getUnit()))
                            + zone);
        }
        if (logical instanceof IntLogicalTypeAnnotation integer && !integer.isSigned()) {
            return wide ? ParquetValues::unsigned : value -> integer(value & 0xffff_ffffL);
        }
        return wide ? LongNode::valueOf : value -> IntNode.valueOf((int) value);
    }

    /** Values of the physical types BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY and INT96. */
    static Function<Binary, JsonNode> ofBytes(PrimitiveType type) {
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        if (type.getPrimitiveTypeName() == PrimitiveTypeName.INT96) {
            return ParquetValues::int96;
        }
        if (logical instanceof StringLogicalTypeAnnotation || logical instanceof EnumLogicalTypeAnnotation) {
            return value -> TextNode.valueOf(text(value));
        }
        if (logical instanceof JsonLogicalTypeAnnotation) {
            return value -> json(text(value));
        }
        if (logical instanceof DecimalLogicalTypeAnnotation decimal) {
            return value -> number(new BigDecimal(new BigInteger(value.getBytesUnsafe()), decimal.getScale()));
        }
        if (logical instanceof UUIDLogicalTypeAnnotation && type.getTypeLength() == 16) {
            return value -> {
                ByteBuffer bytes = value.toByteBuffer();
                return TextNode.valueOf(new UUID(bytes.getLong(), bytes.getLong()).toString());
            };
        }
        if (logical instanceof Float16LogicalTypeAnnotation && type.getTypeLength() == 2) {
            return value -> DoubleNode.valueOf(half(littleEndian(value).getShort()));
        }
        if (logical instanceof IntervalLogicalTypeAnnotation && type.getTypeLength() == 12) {
            return ParquetValues::interval;
        }
        return type.getPrimitiveTypeName() == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY
                ? value -> BinaryNode.valueOf(value.getBytes())
                : ParquetValues::textOrBytes;
    }

    /** The number as JSON text gives it: a double where that holds all digits. */
    static JsonNode number(BigDecimal value) {
        if (value.scale() == 0) {
            return value.unscaledValue().bitLength() < Long.SIZE
                    ? integer(value.longValueExact())
                    : BigIntegerNode.valueOf(value.unscaledValue());
        }
        double near = value.doubleValue();
        return Double.isFinite(near) && BigDecimal.valueOf(near).compareTo(value) == 0
                ? DoubleNode.valueOf(near)
                : DecimalNode.valueOf(value);
    }

    private static JsonNode integer(long value) {
        return value == (int) value ? IntNode.valueOf((int) value) : LongNode.valueOf(value);
    }

    private static JsonNode unsigned(long value) {
        return value >= 0 ? integer(value) : BigIntegerNode.valueOf(new BigInteger(Long.toUnsignedString(value)));
    }

    private static String text(Binary value) {
        try {
            return utf8(value);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "a text that is not UTF-8: " + Shown.brief(value.toStringUsingUTF8()), e);
        }
    }

    private static String utf8(Binary value) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(value.toByteBuffer()).toString();
    }

    /**
     * Bytes without annotation are text if they are UTF-8: old writers, Spark's among them, write text so. Nobody
     * writes text in a fixed length.
     */
    private static JsonNode textOrBytes(Binary value) {
        try {
            return TextNode.valueOf(utf8(value));
        } catch (CharacterCodingException e) {
            return BinaryNode.valueOf(value.getBytes());
        }
    }

    private static JsonNode json(String text) {
        try {
            return JsonRow.value(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "a value of the type JSON that is not valid JSON: " + JsonFault.reason(e) + ": "
                            + Shown.brief(text),
                    e);
        }
    }

    private static long nanos(TimeUnit unit) {
        return switch (unit) {
            case MILLIS -> 1_000_000;
            case MICROS -> 1_000;
            case NANOS -> 1;
        };
    }

    static String time(long nanos) {
        return checked(
                "a time of " + nanos + " ns",
                () -> LocalTime.ofNanoOfDay(nanos).format(DateTimeFormatter.ISO_LOCAL_TIME));
    }

    static String timestamp(long seconds, long nanos) {
        return checked(
                "a time of " + seconds + " s",
                () -> LocalDateTime.ofEpochSecond(seconds, (int) nanos, ZoneOffset.UTC)
                        .format(DateTimeFormatter.ISO_LOCAL_DATE_TIME));
    }

    private static String checked(String what, java.util.function.Supplier<String> text) {
        try {
            return text.get();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(what + " is none: " + e.getMessage(), e);
        }
    }

    /** Nanoseconds of the day, then the Julian day. No zone is known; writers mean UTC or their own. */
    private static JsonNode int96(Binary value) {
        ByteBuffer bytes = littleEndian(value);
        long nanos = bytes.getLong();
        long seconds = (bytes.getInt() - (long) EPOCH_JULIAN_DAY) * 86_400 + Math.floorDiv(nanos, NANOS_PER_SECOND);
        return TextNode.valueOf(timestamp(seconds, Math.floorMod(nanos, NANOS_PER_SECOND)));
    }

    /** Months, days and milliseconds, as a duration of ISO 8601. */
    private static JsonNode interval(Binary value) {
        ByteBuffer bytes = littleEndian(value);
        long months = Integer.toUnsignedLong(bytes.getInt());
        long days = Integer.toUnsignedLong(bytes.getInt());
        long millis = Integer.toUnsignedLong(bytes.getInt());
        String date = Period.of((int) (months / 12), (int) (months % 12), 0).toString();
        String dated = (months == 0 ? "P" : date) + (days == 0 ? "" : days + "D");
        String time = millis == 0 ? "" : Duration.ofMillis(millis).toString().substring(1);
        return TextNode.valueOf(dated.equals("P") && time.isEmpty() ? "PT0S" : dated + time);
    }

    private static double half(short bits) {
        int exponent = bits >> 10 & 0x1f;
        int mantissa = bits & 0x3ff;
        double value = exponent == 0
                ? Math.scalb((double) mantissa, -24)
                : exponent == 0x1f
                        ? mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                        : Math.scalb(1024.0 + mantissa, exponent - 25);
        return bits < 0 ? -value : value;
    }

    private static ByteBuffer littleEndian(Binary value) {
        return value.toByteBuffer().slice().order(ByteOrder.LITTLE_ENDIAN);
    }
}
