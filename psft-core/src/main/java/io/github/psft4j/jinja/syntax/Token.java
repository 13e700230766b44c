package io.github.psft4j.jinja.syntax;

import io.github.psft4j.jinja.value.Printing;

/**
 * The smallest unit of a template's syntax.
 *
 * @param value text of DATA, NAME and OPERATOR; the value of STRING, INTEGER and FLOAT
 * @param line from 1
 */
record Token(Type type, Object value, int line) {
    enum Type {
        DATA,
        VARIABLE_BEGIN,
        VARIABLE_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(Type wanted, String text) {
        return type == wanted && value.equals(text);
    }

    String describe() {
        return switch (type) {
            case DATA -> "text";
            case VARIABLE_BEGIN -> "'{{'";
            case VARIABLE_END -> "'}}'";
            case BLOCK_BEGIN -> "'{%'";
            case BLOCK_END -> "'%}'";
            case END -> "the end of the template";
            default -> Printing.repr(value);
        };
    }
}
