package io.github.psft4j.jinja;

/** A function or method with a name, for error messages. */
record NamedFunction(String name, Callable body) implements Callable {
    @Override
    public Object call(RenderBudget budget, Args args) {
        return body.call(budget, args);
    }
}
