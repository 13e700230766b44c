package io.github.psft4j.jinja.value;

import io.github.psft4j.jinja.run.RenderBudget;

/** A function or method with a name, for error messages. */
public record NamedFunction(String name, Callable body) implements Callable {
    @Override
    public Object call(RenderBudget budget, Args args) {
        return body.call(budget, args);
    }
}
