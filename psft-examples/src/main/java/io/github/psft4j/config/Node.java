package io.github.psft4j.config;

import java.util.List;
import java.util.Map;

/** A value of a YAML file before it has a type. Scalars stay text: the type of the key reads them, not YAML's guess. */
public sealed interface Node {

    /** Line in the file, from 1; 0 for an override. */
    int line();

    /** A word, number or quoted text; null for {@code ~} and {@code null}. */
    record Scalar(String text, int line) implements Node {
        /** Whether the value is empty. */
        boolean isBlank() {
            return text == null || text.isEmpty();
        }
    }

    /** A list. */
    record Items(List<Node> items, int line) implements Node {}

    /** A mapping, in the order of the file. */
    record Table(Map<String, Node> entries, int line) implements Node {}
}
