package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.RenderBudget;

/** A value that can be called. */
public interface Callable {
    Object call(RenderBudget budget, Args args);
}
