package io.github.psft4j.jinja.tree;

/** A node that has a value. */
public interface Expression {
    Object evaluate(Scope scope);
}
