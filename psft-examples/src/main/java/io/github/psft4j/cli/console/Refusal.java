package io.github.psft4j.cli.console;

/** Something that the user asked for and cannot have; the message says why and what to do. */
public final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public Refusal(String message) {
        super(message);
    }
}
