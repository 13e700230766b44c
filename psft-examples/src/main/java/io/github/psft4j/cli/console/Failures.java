package io.github.psft4j.cli.console;

import io.github.psft4j.io.MachineMemory;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.loss.NonFiniteLossException;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.train.TrainingDivergedException;
import io.github.psft4j.train.VoidRunException;
import io.github.psft4j.train.memory.MemoryAdvice;
import io.github.psft4j.train.memory.TrainingMemoryException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Turns what a command throws into a message of one screen and an exit code. */
public final class Failures {

    private static final int MAX_LINES = 24;
    private static final String OPTIONS =
            ".\nOptions for Java go into PSFT_OPTS, e.g. PSFT_OPTS=-Xmx8g; the micro-batch is batch.micro, the length"
                    + " data.max_length.";

    private Failures() {}

    public static int report(Throwable e, CommandLine command) {
        PrintWriter err = command.getErr();
        int code = code(e, command.getCommandName());
        List<String> lines = message(e, code).lines().toList();
        err.println("psft: " + lines.get(0));
        lines.stream().skip(1).limit(MAX_LINES).forEach(err::println);
        if (verbose(command)) {
            e.printStackTrace(err);
        } else if (code == ExitCodes.FAILED || code == ExitCodes.OUT_OF_MEMORY) {
            err.println("Add --verbose to see where it happened.");
        }
        err.flush();
        return code;
    }

    private static int code(Throwable e, String command) {
        if (e instanceof TrainingDivergedException || e instanceof VoidRunException) {
            return ExitCodes.DIVERGED;
        }
        if (e instanceof NonFiniteLossException) { // a run made such weights, or they were given
            return command.equals("train") ? ExitCodes.DIVERGED : ExitCodes.REFUSED;
        }
        if (MemoryAdvice.find(e).isPresent()) {
            return ExitCodes.OUT_OF_MEMORY;
        }
        return isRefusal(e) || missingFile(e) != null ? ExitCodes.REFUSED : ExitCodes.FAILED;
    }

    /** Whether the message says what the user can change. A subclass such as NumberFormatException does not. */
    private static boolean isRefusal(Throwable e) {
        return e instanceof RefusedException
                || e instanceof ParameterException
                || e instanceof InvalidPathException
                || e.getClass() == IllegalArgumentException.class;
    }

    private static String message(Throwable e, int code) {
        if (code == ExitCodes.OUT_OF_MEMORY) {
            String text = e instanceof TrainingMemoryException
                    ? e.getMessage()
                    : MemoryAdvice.find(e).map(MemoryAdvice::of).orElseThrow();
            return text.contains(MachineMemory.IN_MESSAGES) ? text : text + OPTIONS; // no option makes a machine larger
        }
        NoSuchFileException missing = missingFile(e);
        if (missing != null) {
            return missing.getFile() + ": no such file";
        }
        if (e instanceof FileAlreadyExistsException exists) {
            return exists.getFile() + " exists already";
        }
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied";
        }
        String text = e.getMessage() == null ? e.toString() : e.getMessage();
        boolean named =
                code != ExitCodes.FAILED || e instanceof UncheckedIOException || e instanceof FileSystemException;
        return named ? text : e.getClass().getSimpleName() + ": " + text;
    }

    private static NoSuchFileException missingFile(Throwable e) {
        IOException cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : null;
        if (e instanceof NoSuchFileException direct) {
            return direct;
        }
        return cause instanceof NoSuchFileException wrapped ? wrapped : null;
    }

    private static boolean verbose(CommandLine command) {
        CommandSpec mixin = command.getMixins().isEmpty()
                ? null
                : command.getCommandSpec().mixins().get("common");
        return mixin != null && ((CommonOptions) mixin.userObject()).verbose();
    }
}
