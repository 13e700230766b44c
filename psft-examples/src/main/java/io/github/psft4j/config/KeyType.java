package io.github.psft4j.config;

import java.util.function.Function;

/**
 * How a value is read from a file, checked and written back.
 *
 * @param describe what is allowed, for tables and messages: {@code a whole number >= 1}
 * @param parse reads a value; throws an IllegalArgumentException whose message ends the sentence "must be ..."
 * @param write the value as YAML that parse reads back
 * @param acceptsEmpty whether empty text is a value; for all other types a key without a value has its default
 * @param <T> what programs get
 */
record KeyType<T>(String describe, Function<Node, T> parse, Function<T, String> write, boolean acceptsEmpty) {

    KeyType(String describe, Function<Node, T> parse, Function<T, String> write) {
        this(describe, parse, write, false);
    }

    T parse(Node node) {
        return parse.apply(node);
    }

    String format(T value) {
        return write.apply(value);
    }
}
