package io.github.psft4j.jinja;

/** A node that writes. */
interface Statement {
    /** @throws TemplateError with the line */
    Flow execute(Scope scope, Output out);
}
