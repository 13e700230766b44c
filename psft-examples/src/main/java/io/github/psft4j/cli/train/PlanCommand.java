package io.github.psft4j.cli.train;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.PsftCommand;
import io.github.psft4j.io.RefusedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code psft plan}. */
@Command(
        name = "plan",
        description = "Show what a run or a generation will take of memory, without loading the weights.",
        footer = {
            "",
            "Examples:",
            "  psft plan laptop.yaml",
            "  psft plan laptop.yaml --length 2048 --set train.recompute=blocks",
            "  psft plan laptop.yaml --set batch.micro=2 --cluster local[4]",
            "  psft plan --model DIR --sequences 8 --prompt 512 --length 1024",
            "",
            "Without --length the data are read for the longest demonstration."
        })
public final class PlanCommand extends PsftCommand {

    private static final int GENERATED = 256;

    @Parameters(index = "0", arity = "0..1", paramLabel = "FILE", description = "The configuration of a run, YAML.")
    private Path file;

    @Option(names = "--config", paramLabel = "FILE", description = "The same as an option.")
    private Path config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Setting that wins over the file, as for psft train. May be repeated.")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--model", paramLabel = "DIR", description = "A model that generates, instead of a configuration.")
    private String model;

    @Option(
            names = "--sequences",
            paramLabel = "N",
            defaultValue = "1",
            description = "--model: sequences at a time; default 1.")
    private int sequences;

    @Option(
            names = "--prompt",
            paramLabel = "N",
            defaultValue = "0",
            description = "--model: tokens of the longest prompt; default half of --length.")
    private int prompt;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            defaultValue = "f32",
            description = "--model: f32 (default), bf16 or int8.")
    private String precision;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "0",
            description = "Tokens of the longest demonstration, or of the longest generated sequence (default 256).")
    private int length;

    @Option(
            names = "--cluster",
            paramLabel = "MASTER",
            description = "Show what the driver and each task slot of an executor take, as for psft train. Nothing is"
                    + " contacted.")
    private String cluster;

    @Option(names = "--json", description = "Print one JSON object, sizes in bytes.")
    private boolean json;

    @Override
    public Integer call() {
        Path run = file == null ? config : file;
        if ((run == null) == (model == null) || file != null && config != null) {
            throw wrongUsage("psft plan takes one configuration, or --model DIR for a generation");
        }
        if (length < 0 || prompt < 0 || sequences < 1 || length == 1) {
            throw new RefusedException("--length must be 2 or more, --prompt 0 or more, --sequences 1 or more");
        }
        if (cluster != null && model != null) {
            throw wrongUsage("--cluster is of a training run; leave it out with --model, or give a configuration");
        }
        PlanReport report = run != null
                ? PlanReport.ofRun(run, overrides, length, cluster != null)
                : PlanReport.ofGeneration(model, precision, sequences, prompt, length == 0 ? GENERATED : length);
        out().println(json ? report.json() : report.text());
        return ExitCodes.OK;
    }
}
