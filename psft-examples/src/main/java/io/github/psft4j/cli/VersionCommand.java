package io.github.psft4j.cli;

import io.github.psft4j.cli.console.CommonOptions;
import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.Json;
import io.github.psft4j.cli.console.Versions;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code psft version}. */
@Command(
        name = "version",
        description = "Show the versions of psft, Deeplearning4j, the backend and Java.",
        footer = {"", "Example:", "  psft version --json"})
final class VersionCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Map<String, String> versions = Versions.all();
        if (json) {
            out.println(Json.text(versions));
        } else {
            versions.forEach((name, version) -> out.printf("%-15s %s%n", name, version));
        }
        return ExitCodes.OK;
    }
}
