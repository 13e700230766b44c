package io.github.psft4j.jinja.value;

/** A function or method with a name, for error messages. */
public record NamedFunction(String name, Callable body) implements Callable {
    @Override
    public Object call(Args args) {
        return body.call(args);
    }
}
