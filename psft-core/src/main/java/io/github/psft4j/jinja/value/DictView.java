package io.github.psft4j.jinja.value;

import java.util.List;

/** What {@code dict.items()}, {@code keys()} or {@code values()} gives: iterable again and again, without index. */
public record DictView(String type, List<Object> items) {}
