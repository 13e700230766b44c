package io.github.psft4j.cli.train;

import io.github.psft4j.cli.console.PsftCommand;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code psft train}. */
@Command(
        name = "train",
        description = "Fine-tune a model as a configuration says.",
        footer = {
            "",
            "Examples:",
            "  psft config cp laptop",
            "  psft train laptop.yaml",
            "  psft train laptop.yaml --set objective.name=sft --set run.dir=runs/sft",
            "  psft train laptop.yaml --set data.train=my.jsonl",
            "  psft train laptop.yaml --set checkpoint.every=50",
            "  psft train laptop.yaml --set checkpoint.every=50 --resume auto",
            "  psft train laptop.yaml --set batch.micro=2 --cluster local[4]",
            "",
            "The run directory then holds config.resolved.yaml (every setting with its",
            "origin), environment.json, metrics.jsonl (one object per optimizer step),",
            "report.html and final/, a Hugging Face directory."
        })
public final class TrainCommand extends PsftCommand {

    @Parameters(index = "0", arity = "0..1", paramLabel = "FILE", description = "The configuration, YAML.")
    private Path file;

    @Option(names = "--config", paramLabel = "FILE", description = "The same as an option.")
    private Path config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Setting that wins over the file, as in the examples below. May be repeated.")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--resume",
            paramLabel = "auto|DIR",
            description = "Go on from a checkpoint, bit for bit: DIR, or the newest intact one of the run directory"
                    + " (auto; starts from the beginning if there is none).")
    private String resume;

    @Option(
            names = "--cluster",
            paramLabel = "MASTER",
            description = "Compute gradients and log-probs on Apache Spark: local[4], spark://HOST:PORT, yarn or"
                    + " k8s://...; micro-batches are the slices. Needs Spark's jars, see docs/spark.md.")
    private String cluster;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print nothing but errors.")
    private boolean quiet;

    @Override
    public Integer call() throws Exception {
        if ((file == null) == (config == null)) {
            throw wrongUsage(
                    "psft train takes one configuration, such as psft train laptop.yaml; \"psft config ls\" names some"
                            + " to copy");
        }
        return TrainRun.run(file == null ? config : file, overrides, resume, cluster, quiet, err());
    }
}
