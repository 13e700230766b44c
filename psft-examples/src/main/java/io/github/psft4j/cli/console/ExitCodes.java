package io.github.psft4j.cli.console;

/** The exit codes of psft. */
public final class ExitCodes {

    /** Done. */
    public static final int OK = 0;

    /** Ended by the machine or by a fault of psft: disk full, a bug. */
    public static final int FAILED = 1;

    /** Refused before or while reading: command line, configuration, data, model. The user can correct it. */
    public static final int REFUSED = 2;

    /** Training diverged (too many steps in a row had to be skipped), or the run ended and trained nothing. */
    public static final int DIVERGED = 3;

    /** Stopped at once by a second signal: the checkpoint that was to be written may be missing. */
    public static final int STOPPED_AT_ONCE = 4;

    /** Out of memory, on the Java heap or off it. */
    public static final int OUT_OF_MEMORY = 5;

    /** Added to the number of the signal that asked a run to end, as shells do: 130 for Ctrl-C, 143 for SIGTERM. */
    static final int SIGNALLED = 128;

    private ExitCodes() {}
}
