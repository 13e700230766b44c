package io.github.psft4j.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** Runs a command inside this JVM: for what it prints and returns before it computes anything. */
final class InProcess {

    /** What came of it. */
    record Result(int code, String out, String err) {}

    private InProcess() {}

    static Result run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Psft.commandLine(err);
        line.setOut(new PrintWriter(out, true));
        return new Result(line.execute(arguments), out.toString(), err.toString());
    }
}
