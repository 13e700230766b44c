package io.github.psft4j.jinja.value;

import java.util.Iterator;

/** A generator: can be run through once, is always true and has no length. */
public record Once(String type, Iterator<Object> items) {}
