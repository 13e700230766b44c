package io.github.psft4j.jinja;

/** How a statement ended. */
enum Flow {
    NEXT,
    BREAK,
    CONTINUE
}
