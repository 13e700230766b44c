package io.github.psft4j.jinja.value;

/** A value that can be called. */
public interface Callable {
    Object call(Args args);
}
