package io.github.psft4j.config;

/**
 * How a value is read from a file, checked and written back.
 *
 * @param <T> what programs get
 */
public interface KeyType<T> {

    /**
     * The value.
     *
     * @throws IllegalArgumentException with a message that ends the sentence "must be ..."
     */
    T parse(Node node);

    /** Whether empty text is a value; for all other types a key without a value has its default. */
    default boolean acceptsEmpty() {
        return false;
    }

    /** What is allowed, for tables and messages: {@code whole number >= 1}. */
    String describe();

    /** The value as YAML that {@link #parse} reads back. */
    String format(T value);
}
