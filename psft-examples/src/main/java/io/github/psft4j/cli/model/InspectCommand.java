package io.github.psft4j.cli.model;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.PsftCommand;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.config.Bundled;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code psft inspect}. */
@Command(
        name = "inspect",
        description = "Show what a model or checkpoint is: architecture, size, tensors, tokenizer.",
        footer = {
            "",
            "Examples:",
            "  psft inspect DIR",
            "  psft inspect runs/laptop/step-00000100 --tensors",
            "  psft inspect DIR --json"
        })
public final class InspectCommand extends PsftCommand {

    @Parameters(
            paramLabel = "MODEL_OR_CHECKPOINT",
            description = "Hugging Face directory, adapter directory, checkpoint, or bundled:NAME.")
    private String model;

    @Option(
            names = "--base",
            paramLabel = "DIR",
            description = "Base model of an adapter; default the path in its adapter_config.json.")
    private String base;

    @Option(names = "--tensors", description = "List every tensor with type and shape.")
    private boolean tensors;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        InspectModel.run(ModelFiles.of(Bundled.resolve(model), base), tensors, json, out());
        return ExitCodes.OK;
    }
}
