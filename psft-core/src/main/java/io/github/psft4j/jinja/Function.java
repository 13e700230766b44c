package io.github.psft4j.jinja;

/** A function or method with a name, for error messages. */
record Function(String name, Callable body) implements Callable {
    @Override
    public Object call(Run run, Args args) {
        return body.call(run, args);
    }
}
