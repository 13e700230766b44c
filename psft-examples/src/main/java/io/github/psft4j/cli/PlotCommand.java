package io.github.psft4j.cli;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.PsftCommand;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code psft plot}. */
@Command(
        name = "plot",
        description = "Draw the curves of one or more runs.",
        footer = {"", "Examples:", "  psft plot runs/laptop", "  psft plot runs/sft runs/psft --out comparison"})
final class PlotCommand extends PsftCommand {

    @Parameters(paramLabel = "RUN_DIR", arity = "1..*", description = "Run directories; each holds metrics.jsonl.")
    private List<Path> runs = new ArrayList<>();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the pictures go; default plots/ in the first run directory.")
    private Path out;

    @Override
    public Integer call() throws Exception {
        List<Path> files = PlotRun.run(runs, out, err()::println);
        if (verbose()) {
            files.forEach(out()::println);
        } else {
            Path page = files.get(0);
            out().println(page);
            err().printf("open it in a browser; %d pictures are in %s%n", files.size() - 1, page.getParent());
        }
        return ExitCodes.OK;
    }
}
