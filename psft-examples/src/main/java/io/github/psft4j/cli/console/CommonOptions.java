package io.github.psft4j.cli.console;

import picocli.CommandLine.Option;

/** Options that every command has. */
public final class CommonOptions {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    @Option(names = "--verbose", description = "Show more: the stack trace of an error, every file that is written.")
    private boolean verbose;

    public boolean verbose() {
        return verbose;
    }
}
