package io.github.psft4j.cli.model;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.PsftCommand;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.cli.input.ThreadsOption;
import io.github.psft4j.config.Bundled;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code psft merge}. */
@Command(
        name = "merge",
        description = "Write a LoRA adapter and its base as one whole model, and compare both on a fixed batch.",
        footer = {
            "",
            "The sum W + scaling B A is formed in float and rounded once to the type of the files. The written model",
            "is read again; what differs by more than rounding is not kept.",
            "",
            "Examples:",
            "  psft merge --model runs/lora/final --output merged",
            "  psft merge --model ADAPTER --base DIR --output merged --dtype bf16"
        })
public final class MergeCommand extends PsftCommand {

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Adapter directory of PEFT.")
    private String model;

    @Option(
            names = "--base",
            paramLabel = "DIR",
            description = "Base model of the adapter; default the path in its adapter_config.json.")
    private String base;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "DIR",
            description = "Directory to write, which must not hold anything yet.")
    private Path output;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "auto",
            description = "auto (default, the base's), f32, bf16 or f16: type of the weights.")
    private String dtype;

    @Mixin
    private ThreadsOption threads;

    @Override
    public Integer call() throws Exception {
        threads.prepare();
        String line = MergeRun.run(ModelFiles.of(Bundled.resolve(model), base), output, dtype);
        out().println(line);
        return ExitCodes.OK;
    }
}
