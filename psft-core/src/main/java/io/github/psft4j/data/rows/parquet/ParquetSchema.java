package io.github.psft4j.data.rows.parquet;

import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/**
 * The schema of a Parquet file as a tree. Only two annotations matter for reading demonstrations: text and list; other
 * values are given as they are stored (a date as days).
 */
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
        if (!element.isSetType()) {
            List<Type> fields = children(element, depth);
            return isList(element)
                    ? Types.buildGroup(repetition)
                            .as(LogicalTypeAnnotation.listType())
                            .addFields(fields.toArray(Type[]::new))
                            .named(element.getName())
                    : new GroupType(repetition, element.getName(), fields);
        }
        PrimitiveTypeName name = element.getType() == org.apache.parquet.format.Type.BYTE_ARRAY
                ? PrimitiveTypeName.BINARY
                : PrimitiveTypeName.valueOf(element.getType().name());
        PrimitiveType type = new PrimitiveType(repetition, name, element.getType_length(), element.getName());
        return isText(element) && name == PrimitiveTypeName.BINARY
                ? type.withLogicalTypeAnnotation(LogicalTypeAnnotation.stringType())
                : type;
    }

    private static Type.Repetition repetition(FieldRepetitionType type) {
        return switch (type) {
            case REQUIRED -> Type.Repetition.REQUIRED;
            case OPTIONAL -> Type.Repetition.OPTIONAL;
            case REPEATED -> Type.Repetition.REPEATED;
        };
    }

    private static boolean isList(SchemaElement element) {
        return element.getConverted_type() == ConvertedType.LIST
                || element.isSetLogicalType() && element.getLogicalType().isSetLIST();
    }

    private static boolean isText(SchemaElement element) {
        ConvertedType old = element.getConverted_type();
        return old == ConvertedType.UTF8
                || old == ConvertedType.ENUM
                || old == ConvertedType.JSON
                || element.isSetLogicalType()
                        && (element.getLogicalType().isSetSTRING()
                                || element.getLogicalType().isSetENUM()
                                || element.getLogicalType().isSetJSON());
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
