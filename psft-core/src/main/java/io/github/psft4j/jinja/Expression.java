package io.github.psft4j.jinja;

/** A node that has a value. */
interface Expression {
    Object evaluate(Scope scope);
}
