package io.github.psft4j.cli;

import io.github.psft4j.cli.console.CommonOptions;
import io.github.psft4j.cli.console.ExitCodes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code psft plot}. */
@Command(
        name = "plot",
        description = "Draw the curves of one or more runs.",
        footer = {"", "Examples:", "  psft plot runs/laptop", "  psft plot runs/sft runs/psft --out comparison"})
final class PlotCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Parameters(paramLabel = "RUN_DIR", arity = "1..*", description = "Run directories; each holds metrics.jsonl.")
    private List<Path> runs = new ArrayList<>();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the pictures go; default plots/ in the first run directory.")
    private Path out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        List<Path> files = PlotRun.run(runs, out, spec.commandLine().getErr()::println);
        if (common.verbose()) {
            files.forEach(spec.commandLine().getOut()::println);
        } else {
            Path page = files.get(0);
            spec.commandLine().getOut().println(page);
            spec.commandLine()
                    .getErr()
                    .printf("open it in a browser; %d pictures are in %s%n", files.size() - 1, page.getParent());
        }
        return ExitCodes.OK;
    }
}
