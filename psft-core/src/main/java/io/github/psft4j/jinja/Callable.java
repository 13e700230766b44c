package io.github.psft4j.jinja;

/** What can be called. */
interface Callable {
    Object call(RenderBudget budget, Args args);
}
