package io.github.psft4j.hub.jinja;

/** A node that has a value. */
interface Expression {
    Object evaluate(Scope scope);
}
