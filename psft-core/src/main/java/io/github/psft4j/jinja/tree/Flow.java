package io.github.psft4j.jinja.tree;

/** How a statement ended. */
public enum Flow {
    NEXT,
    BREAK,
    CONTINUE
}
