package io.github.psft4j.cli;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.Json;
import io.github.psft4j.cli.console.PsftCommand;
import io.github.psft4j.cli.console.Versions;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code psft version}. */
@Command(
        name = "version",
        description = "Show the versions of psft, Deeplearning4j, the backend and Java.",
        footer = {"", "Example:", "  psft version --json"})
final class VersionCommand extends PsftCommand {

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        Map<String, String> versions = Versions.all();
        if (json) {
            out().println(Json.text(versions));
        } else {
            versions.forEach((name, version) -> out().printf("%-15s %s%n", name, version));
        }
        return ExitCodes.OK;
    }
}
