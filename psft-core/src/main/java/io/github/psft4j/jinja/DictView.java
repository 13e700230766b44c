package io.github.psft4j.jinja;

import java.util.List;

/** What {@code dict.items()}, {@code keys()} or {@code values()} gives: iterable again and again, without index. */
record DictView(String type, List<Object> items) {}
