package io.github.psft4j.config;

import java.util.Optional;

/** The words of refresh.every. */
final class Refresh {

    private Refresh() {}

    /** What is wrong with a value, if anything is. */
    static Optional<String> check(String value) {
        boolean ok = value.equals("macro") || value.equals("never") || value.matches("[1-9][0-9]{0,8}");
        return ok
                ? Optional.empty()
                : Optional.of("must be macro, never or a number of optimizer steps >= 1, was \"" + value + '"');
    }
}
