package io.github.psft4j.hub.jinja;

/** How a statement ended. */
enum Flow {
    NEXT,
    BREAK,
    CONTINUE
}
