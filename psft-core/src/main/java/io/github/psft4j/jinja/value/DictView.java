package io.github.psft4j.jinja.value;

import java.util.List;

/**
 * The result of {@code dict.items()}, {@code keys()} or {@code values()}: iterable any number of times, without index.
 */
public record DictView(String type, List<Object> items) {}
