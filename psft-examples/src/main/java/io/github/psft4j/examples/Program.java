package io.github.psft4j.examples;

import io.github.psft4j.io.Directories;
import io.github.psft4j.io.RefusedException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A program whose command line is its annotated fields: their initial values are the defaults. */
@Command(showDefaultValues = true, sortOptions = false, separator = " ")
abstract class Program implements Callable<Integer> {

    @Option(names = "--help", usageHelp = true, description = "Print this text.")
    private boolean help;

    @Spec
    private CommandSpec spec;

    /** The work, with the options set. */
    abstract void run() throws Exception;

    @Override
    public final Integer call() throws Exception {
        OptionSpec out = spec.findOption("--out");
        if (out != null && out.getValue() instanceof Path directory) {
            made(() -> requirePlace(directory));
        }
        run();
        return 0;
    }

    final CommandLine commandLine() {
        return new CommandLine(this).setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** Runs the program; ends the process if it fails, with 2 if the command line is wrong. */
    final void start(String[] args) {
        int code = commandLine().execute(args);
        if (code != 0) {
            System.exit(code);
        }
    }

    private static Path requirePlace(Path directory) {
        Directories.requirePlace("--out", directory);
        return directory;
    }

    /** What options make together; a refusal is a fault of the command line. */
    final <T> T made(Supplier<T> ofOptions) {
        try {
            return ofOptions.get();
        } catch (IllegalArgumentException | RefusedException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
