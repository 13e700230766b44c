package io.github.psft4j.jinja.tree;

import io.github.psft4j.jinja.run.Output;
import io.github.psft4j.jinja.run.TemplateError;

/** A node that writes. */
public interface Statement {
    /** @throws TemplateError with the line */
    Flow execute(Scope scope, Output out);
}
