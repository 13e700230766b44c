package io.github.psft4j.examples.cli;

/** Something that the user asked for and cannot have; the message says why and what to do. */
final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Refusal(String message) {
        super(message);
    }
}
