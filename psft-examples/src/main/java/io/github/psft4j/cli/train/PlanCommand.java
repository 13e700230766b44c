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

    @Option(names = "--sequences", paramLabel = "N", description = "--model: sequences at a time; default 1.")
    private Integer sequences;

    @Option(
            names = "--prompt",
            paramLabel = "N",
            description = "--model: tokens of the longest prompt; default half of --length.")
    private Integer prompt;

    @Option(names = "--precision", paramLabel = "NAME", description = "--model: f32 (default), bf16 or int8.")
    private String precision;

    @Option(
            names = "--length",
            paramLabel = "N",
            description = "Tokens of the longest demonstration, or of the longest generated sequence (default 256).")
    private Integer length;

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
        if (model == null && (sequences != null || prompt != null || precision != null)) {
            throw wrongUsage(
                    "--sequences, --prompt and --precision are of a generation; leave them out, or give --model"
                            + " DIR in place of a configuration");
        }
        if (model != null && (cluster != null || !overrides.isEmpty())) {
            throw wrongUsage(
                    "--cluster and --set are of a training run; leave them out with --model, or give a configuration");
        }
        if (length != null && length < 2) {
            throw new RefusedException("--length must be 2 or more, was " + length);
        }
        PlanReport report = run != null
                ? PlanReport.ofRun(run, overrides, length == null ? 0 : length, cluster != null)
                : ofGeneration(length == null ? GENERATED : length);
        out().println(json ? report.json() : report.text());
        return ExitCodes.OK;
    }

    private PlanReport ofGeneration(int tokens) {
        int atOnce = sequences == null ? 1 : sequences;
        int read = prompt == null ? tokens / 2 : prompt;
        if (atOnce < 1) {
            throw new RefusedException("--sequences must be 1 or more, was " + atOnce);
        }
        if (read < 1 || read >= tokens) {
            throw new RefusedException("--prompt must be 1 or more and below --length, which counts prompt and answer,"
                    + " was " + read + " of " + tokens);
        }
        return PlanReport.ofGeneration(model, precision == null ? "f32" : precision, atOnce, read, tokens);
    }
}
