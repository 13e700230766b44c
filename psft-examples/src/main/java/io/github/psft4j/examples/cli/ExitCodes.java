package io.github.psft4j.examples.cli;

/** What the exit code of psft says. */
final class ExitCodes {

    /** Done. */
    static final int OK = 0;

    /** Broken off by the machine or by a fault of psft: disk full, out of memory, a bug. */
    static final int FAILED = 1;

    /** Refused before or while reading: command line, configuration, data, model; the user can mend it. */
    static final int REFUSED = 2;

    /** Training diverged: too many steps in a row had to be skipped. */
    static final int DIVERGED = 3;

    private ExitCodes() {}
}
