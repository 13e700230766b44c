package io.github.psft4j.jinja;

import java.util.Iterator;

/** A generator: can be run through once, is always true and has no length. */
record Once(String type, Iterator<Object> items) {}
