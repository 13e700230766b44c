package io.github.psft4j.data.rows.parquet;

import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.TimeUnit;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.OriginalType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/** The schema of a Parquet file as a tree, with the logical type of every column and group. */
final class ParquetSchema {
    private static final int MAX_DEPTH = 64;

    private final List<SchemaElement> elements;
    private int next;

    private ParquetSchema(List<SchemaElement> elements) {
        this.elements = elements;
    }

    /**
     * @param elements depth first, the root in front
     * @throws IllegalArgumentException if they are no tree
     */
    static MessageType of(List<SchemaElement> elements) {
        ParquetSchema schema = new ParquetSchema(elements);
        SchemaElement root = schema.take();
        MessageType message = new MessageType(root.getName(), schema.children(root, 0));
        require(schema.next == elements.size(), "the schema has elements outside its tree");
        return message;
    }

    private SchemaElement take() {
        require(next < elements.size(), "the schema ends in the middle of a group");
        return elements.get(next++);
    }

    private List<Type> children(SchemaElement group, int depth) {
        require(depth < MAX_DEPTH, "the schema is nested more than " + MAX_DEPTH + " deep");
        List<Type> children = new ArrayList<>();
        for (int i = 0; i < group.getNum_children(); i++) {
            children.add(type(take(), depth + 1));
        }
        return children;
    }

    private Type type(SchemaElement element, int depth) {
        require(element.isSetRepetition_type(), "the column " + element.getName() + " has no repetition type");
        Type.Repetition repetition = repetition(element.getRepetition_type());
        LogicalTypeAnnotation logical = logical(element);
        if (!element.isSetType()) {
            Types.GroupBuilder<GroupType> group = Types.buildGroup(repetition);
            return (logical == null ? group : group.as(logical))
                    .addFields(children(element, depth).toArray(Type[]::new))
                    .named(element.getName());
        }
        PrimitiveTypeName name = element.getType() == org.apache.parquet.format.Type.BYTE_ARRAY
                ? PrimitiveTypeName.BINARY
                : PrimitiveTypeName.valueOf(element.getType().name());
        PrimitiveType type = new PrimitiveType(repetition, name, element.getType_length(), element.getName());
        return logical == null ? type : type.withLogicalTypeAnnotation(logical);
    }

    private static Type.Repetition repetition(FieldRepetitionType type) {
        return switch (type) {
            case REQUIRED -> Type.Repetition.REQUIRED;
            case OPTIONAL -> Type.Repetition.OPTIONAL;
            case REPEATED -> Type.Repetition.REPEATED;
        };
    }

    /**
     * What the bytes mean; null: what they are. A logical type that came after this version is what it is stored as.
     */
    private static LogicalTypeAnnotation logical(SchemaElement element) {
        LogicalType type = element.getLogicalType();
        if (type == null || type.getSetField() == null) {
            return element.isSetConverted_type() ? converted(element) : null;
        }
        return switch (type.getSetField()) {
            case STRING -> LogicalTypeAnnotation.stringType();
            case MAP -> LogicalTypeAnnotation.mapType();
            case LIST -> LogicalTypeAnnotation.listType();
            case ENUM -> LogicalTypeAnnotation.enumType();
            case DECIMAL ->
                decimal(type.getDECIMAL().getScale(), type.getDECIMAL().getPrecision());
            case DATE -> LogicalTypeAnnotation.dateType();
            case TIME ->
                LogicalTypeAnnotation.timeType(
                        type.getTIME().isIsAdjustedToUTC(), unit(type.getTIME().getUnit()));
            case TIMESTAMP ->
                LogicalTypeAnnotation.timestampType(
                        type.getTIMESTAMP().isIsAdjustedToUTC(),
                        unit(type.getTIMESTAMP().getUnit()));
            case INTEGER ->
                LogicalTypeAnnotation.intType(
                        type.getINTEGER().getBitWidth(), type.getINTEGER().isIsSigned());
            case UNKNOWN -> LogicalTypeAnnotation.unknownType();
            case JSON -> LogicalTypeAnnotation.jsonType();
            case BSON -> LogicalTypeAnnotation.bsonType();
            case UUID -> LogicalTypeAnnotation.uuidType();
            case FLOAT16 -> LogicalTypeAnnotation.float16Type();
            case VARIANT -> LogicalTypeAnnotation.variantType(type.getVARIANT().getSpecification_version());
            case GEOMETRY -> LogicalTypeAnnotation.geometryType(null);
            case GEOGRAPHY -> LogicalTypeAnnotation.geographyType();
        };
    }

    /** The annotation of files of before 2018, which most writers still add. */
    private static LogicalTypeAnnotation converted(SchemaElement element) {
        return switch (element.getConverted_type()) {
            case MAP_KEY_VALUE -> LogicalTypeAnnotation.mapType(); // a map of old writers
            case DECIMAL -> decimal(element.getScale(), element.getPrecision());
            default -> {
                OriginalType same =
                        OriginalType.valueOf(element.getConverted_type().name());
                yield LogicalTypeAnnotation.fromOriginalType(same, null);
            }
        };
    }

    private static LogicalTypeAnnotation decimal(int scale, int precision) {
        require(
                scale >= 0 && scale <= precision,
                "a decimal of " + precision + " digits, " + scale + " of them behind" + " the point");
        return LogicalTypeAnnotation.decimalType(scale, precision);
    }

    private static LogicalTypeAnnotation.TimeUnit unit(TimeUnit unit) {
        require(unit.getSetField() != null, "a time of an unknown unit");
        return LogicalTypeAnnotation.TimeUnit.valueOf(unit.getSetField().name());
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
